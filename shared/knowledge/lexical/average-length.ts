import { createExpiringCache } from '../../identity/expiring-cache.ts';
import type { DocumentKey, DocumentRepository } from '../document-repository.ts';
import { countTerms } from './bm25.ts';

/** Terms in a typical passage, as far as nothing is known of a knowledge base. */
const USUAL_TERMS = 160;
/** As many passages of the usual length count beside those that are there, so that the first few decide nothing. */
const USUAL_PASSAGES = 32;
const REMEMBERED_MILLISECONDS = 60_000;
const MAX_REMEMBERED = 1_000;
const MAX_SAMPLED_TEXTS = 100;

/** The terms that a passage of a knowledge base has on average, as BM25 weighs by. */
export type AverageLength = (knowledgeBase: Omit<DocumentKey, 'documentId'>) => Promise<number>;

/**
 * Adds up what the records of documents say, so that nothing drifts however often a step is repeated or a document is
 * replaced or deleted. A minute old at most.
 */
export function createAverageLength(repository: Pick<DocumentRepository, 'lengths'>, now: () => Date): AverageLength {
  const average = createExpiringCache({
    load: async (key) => {
      const [tenantId = '', knowledgeBaseId = ''] = key.split(' ');
      const { chunks, terms } = await repository.lengths(tenantId, knowledgeBaseId);
      return (USUAL_PASSAGES * USUAL_TERMS + terms) / (USUAL_PASSAGES + chunks);
    },
    lifetimeMilliseconds: REMEMBERED_MILLISECONDS,
    maxEntries: MAX_REMEMBERED,
    now,
  });
  return ({ tenantId, knowledgeBaseId }) => average(`${tenantId} ${knowledgeBaseId}`);
}

/** The terms of all passages of a document; of a long one by a hundred that lie evenly in it. */
export async function termsInAll(texts: readonly string[]): Promise<number> {
  const step = Math.max(1, texts.length / MAX_SAMPLED_TEXTS);
  const sampled = Array.from(
    { length: Math.min(texts.length, MAX_SAMPLED_TEXTS) },
    (_, index) => texts[Math.floor(index * step)] ?? '',
  );
  const counted = (await countTerms(sampled)).reduce((sum, terms) => sum + terms, 0);
  return Math.round((counted * texts.length) / Math.max(1, sampled.length));
}
