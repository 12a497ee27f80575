import { describe, expect, it } from 'vitest';
import { createDocumentRepository } from '../../shared/adapters/cosmos/document-repository.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { ChunkEmbedMessage } from '../../shared/contracts/queue-messages.ts';
import { newId } from '../../shared/identifiers.ts';
import { createEmbeddingAdmission } from '../../shared/ingestion/embedding-admission.ts';
import { createPriceBook } from '../../shared/models/price-book.ts';
import { countersOf, limiterAt, SECOND, spenderWith } from './support/limits.ts';
import { cosmos } from './support/platform.ts';

const START = '2026-11-23T12:00:40Z';
const TEXTS = ['a'.repeat(400)];
const TOKENS = 100;

/** What is sent again, and with which delay in seconds. */
function admissionWith(policy: Policy) {
  const { tenantChain } = spenderWith(policy);
  const limiter = limiterAt(START);
  const sent: { messages: readonly ChunkEmbedMessage[]; delay: number | undefined }[] = [];
  const unexpected = () => Promise.reject(new Error('Not a step of embedding.'));
  const [{ id }] = tenantChain;
  const tenant = { id, name: 'Test', status: 'active', organisationId: id, tenantChain } as const;
  const admit = createEmbeddingAdmission({
    repository: createDocumentRepository(cosmos),
    audit: { record: unexpected },
    queues: {
      documentChunk: unexpected,
      documentAlign: unexpected,
      documentDelete: unexpected,
      dropEvent: unexpected,
      documentImport: unexpected,
      chunkEmbed: async (messages, delay) => void sent.push({ messages, delay }),
    },
    tenants: { resolve: unexpected, byId: async () => tenant },
    limiter,
    embeddingModel: { name: 'local-embedding', dimensions: 4, embed: unexpected },
    prices: createPriceBook(),
    now: () => new Date(START),
  });
  const message = { tenantId: id, knowledgeBaseId: newId('kb'), documentId: newId('doc'), version: 1, batch: 0 };
  return { admit: () => admit(message, TEXTS), limiter, message, sent, tenantChain };
}

describe('a batch that the limits refuse', () => {
  it('comes back when the next minute begins, and is admitted then', async () => {
    const { admit, limiter, message, sent, tenantChain } = admissionWith({ tenantLimits: { tokensPerMinute: 150 } });
    await (await admit())?.reservation.settle({ tokens: TOKENS, microUsd: 0 });

    expect(await admit()).toBeNull();

    expect(sent).toEqual([{ messages: [message], delay: 20 }]);
    limiter.advance(20 * SECOND);
    expect(await admit()).not.toBeNull();
    expect(sent).toHaveLength(1);
    const { tokens } = await countersOf({ tenantChain, userId: null });
    expect(tokens).toMatchObject({ minute_202611231200: TOKENS, minute_202611231201: TOKENS });
  });

  it('comes back within a quarter of an hour even when a budget is used up for the day', async () => {
    const policy = { knowledgeBaseBudgets: { day: { tokens: TOKENS, hard: true } } };
    const { admit, sent } = admissionWith(policy);
    await (await admit())?.reservation.settle({ tokens: TOKENS, microUsd: 0 });

    expect(await admit()).toBeNull();

    expect(sent.map(({ delay }) => delay)).toEqual([900]);
  });
});
