import { beforeAll, describe, expect, it } from 'vitest';
import { createAuditBlocks } from '../../shared/adapters/blob-storage/audit-blocks.ts';
import { createBlobStore } from '../../shared/adapters/blob-storage/blob-store.ts';
import { createRunLog } from '../../shared/adapters/blob-storage/run-log.ts';
import { createAuditRemoval, createAuditRepository } from '../../shared/adapters/cosmos/audit-repository.ts';
import { createDocumentRepository } from '../../shared/adapters/cosmos/document-repository.ts';
import { createErasureRepository } from '../../shared/adapters/cosmos/erasure-repository.ts';
import { createKnowledgeBaseRepository } from '../../shared/adapters/cosmos/knowledge-base-repository.ts';
import { createMessageRepository } from '../../shared/adapters/cosmos/message-repository.ts';
import { createSessionRepository } from '../../shared/adapters/cosmos/session-repository.ts';
import { createTenantRepository } from '../../shared/adapters/cosmos/tenant-repository.ts';
import { createUserRepository } from '../../shared/adapters/cosmos/user-repository.ts';
import { createQdrantCacheStore } from '../../shared/adapters/qdrant/cached-answers.ts';
import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import { createErasureQueue } from '../../shared/adapters/storage-queue/erasure-queue.ts';
import { createIngestionQueues } from '../../shared/adapters/storage-queue/ingestion-queues.ts';
import { createAuditSealer } from '../../shared/audit/seal-audit.ts';
import { verifyAudit } from '../../shared/audit/verify-audit.ts';
import { SemanticCache } from '../../shared/cache/semantic-cache.ts';
import { loadConfig } from '../../shared/config.ts';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import { newId } from '../../shared/identifiers.ts';
import { createPrivacy, type Privacy } from '../../shared/privacy/privacy.ts';
import { createLogger } from '../../shared/telemetry/logger.ts';
import { ask, storedMessages } from './support/conversations.ts';
import { existsRun } from './support/personal-data.ts';
import {
  cosmos,
  createKnowledgeBase,
  eventually,
  onboardTenant,
  stack,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { keyOf, openStores } from './support/stores.ts';

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
const stores = openStores();
const sessions = createSessionRepository(cosmos);
const documents = createDocumentRepository(cosmos);

/** The service as the timer calls it, for one tenant only and some days from now. */
function privacyOf(tenant: TestTenant, daysFromNow: number): Privacy {
  const config = loadConfig(stack.env);
  const { storage } = config;
  const now = () => new Date(Date.now() + daysFromNow * DAY_MILLISECONDS);
  const tenants = createTenantRepository(cosmos);
  const vectorStore = createQdrantVectorStore(config.qdrant);
  const log = createLogger('silent');
  return createPrivacy({
    repository: createErasureRepository(cosmos),
    queue: createErasureQueue(storage),
    auditRepository: createAuditRepository(cosmos),
    auditRemoval: createAuditRemoval(cosmos),
    auditBlocks: createAuditBlocks(storage),
    tenants: { ...tenants, list: async () => [{ id: tenant.id, name: 'Test tenant' }] },
    users: createUserRepository(cosmos),
    sessions,
    messages: createMessageRepository(cosmos),
    runLog: createRunLog(storage),
    documents,
    knowledgeBases: createKnowledgeBaseRepository(cosmos),
    blobs: createBlobStore(storage),
    queues: createIngestionQueues(storage),
    vectorStore,
    announce: async () => undefined,
    semanticCache: new SemanticCache({
      store: createQdrantCacheStore(config.qdrant),
      vectorStore,
      spaces: [],
      now,
      log,
    }),
    audit: { record: async () => undefined },
    newId,
    now,
    log,
  });
}

async function conversation(person: TestPerson): Promise<ChatAnswer> {
  await person.must('GET', '/api/v1/me');
  return ask(person, 'How are you?');
}

async function tenantWith(retentionDays: Policy['retentionDays']) {
  const tenant = await onboardTenant('Test tenant', { retentionDays });
  const [admin, person, held] = await Promise.all([
    tenant.person(['TenantAdmin']),
    tenant.person(['Member', 'KnowledgeManager']),
    tenant.person(['Member', 'KnowledgeManager']),
  ]);
  await held.must('GET', '/api/v1/me');
  await admin.must('PATCH', `/api/v1/admin/users/${held.oid}`, { legalHold: true });
  return { tenant, admin, person, held };
}

/** What is left of a conversation. */
async function left(tenant: TestTenant, person: TestPerson, { sessionId, runId }: ChatAnswer) {
  const owner = { tenantId: tenant.id, userId: person.oid };
  const session = (await sessions.find(owner, sessionId)) ? 1 : 0;
  return { session, messages: await storedMessages(tenant.id, sessionId), run: await existsRun(tenant.id, runId) };
}

/** Who did something, as far as it is still on record. */
async function recorded(tenant: TestTenant, action: string): Promise<string[]> {
  const container = await cosmos.container('audit-log');
  const query = `SELECT * FROM c WHERE c.action = '${action}' ORDER BY c.id`;
  const partitionKey = [tenant.id, new Date().toISOString().slice(0, 7)];
  const { resources } = await container.items.query<AuditItem>(query, { partitionKey }).fetchAll();
  return resources.map(({ actor }) => actor.id);
}

const ALL = { session: 1, messages: 2, run: 1 };
const NOTHING = { session: 0, messages: 0, run: 0 };

describe('retention', () => {
  it('removes the sessions that nobody has used for longer than the policy keeps them, with messages and runs', async () => {
    const { tenant, person, held } = await tenantWith({ sessions: 30 });
    const [older, newer, kept] = [await conversation(person), await conversation(person), await conversation(held)];
    const owner = { tenantId: tenant.id, userId: person.oid };
    const later = new Date(Date.now() + 2 * DAY_MILLISECONDS).toISOString();
    await sessions.update(owner, newer.sessionId, { updatedAt: later });

    await privacyOf(tenant, 29).retention.expire();
    expect(await left(tenant, person, older)).toEqual(ALL);
    for (const _again of [1, 2]) {
      const { retention } = privacyOf(tenant, 31);
      await Promise.all([retention.expire(), retention.expire()]);
      expect(await left(tenant, person, older)).toEqual(NOTHING);
      expect(await left(tenant, person, newer)).toEqual(ALL);
      expect(await left(tenant, held, kept)).toEqual(ALL);
    }
  });

  it('removes runs before their sessions where the policy says so', async () => {
    const { tenant, person, held } = await tenantWith({ sessions: 300, runs: 10 });
    const [answer, kept] = [await conversation(person), await conversation(held)];
    await privacyOf(tenant, 9).retention.expire();
    expect(await left(tenant, person, answer)).toEqual(ALL);
    for (const _again of [1, 2]) await privacyOf(tenant, 11).retention.expire();
    expect(await left(tenant, person, answer)).toEqual({ ...ALL, run: 0 });
    expect(await left(tenant, held, kept)).toEqual(ALL);
  });

  it('removes nothing where no policy says how long', async () => {
    const { tenant, person } = await tenantWith(undefined);
    const answer = await conversation(person);
    await privacyOf(tenant, 3_650).retention.expire();
    expect(await left(tenant, person, answer)).toEqual(ALL);
  });

  it('takes sealed acts off the record, and those sealed blocks still verify', async () => {
    const { tenant, admin, held } = await tenantWith({ audit: 30 });
    await createKnowledgeBase(admin);
    await createKnowledgeBase(held);
    const createdAt = new Date(Date.now() - DAY_MILLISECONDS).toISOString();
    const audit = {
      repository: createAuditRepository(cosmos),
      blocks: createAuditBlocks(loadConfig(stack.env).storage),
    };
    const created = () => recorded(tenant, 'knowledge-base.created');

    await privacyOf(tenant, 31).retention.expire();
    expect(await created()).toEqual([admin.oid, held.oid]);

    const log = createLogger('silent');
    const now = () => new Date(Date.now() + 60_000);
    const tenants = async function* () {
      yield { id: tenant.id, createdAt };
    };
    await createAuditSealer({ ...audit, tenants, now, log, settleMilliseconds: 0 })();
    await privacyOf(tenant, 29).retention.expire();
    expect(await created()).toEqual([admin.oid, held.oid]);

    for (const _again of [1, 2]) await privacyOf(tenant, 31).retention.expire();
    expect(await created()).toEqual([held.oid]);
    const retainedSince = new Date(Date.now() + DAY_MILLISECONDS);
    const report = await verifyAudit(audit, { id: tenant.id, createdAt, retainedSince }, 1);
    expect(report).toMatchObject({ blocks: 1, problemCount: 0 });
  });

  describe('of documents', () => {
    let world: Awaited<ReturnType<typeof tenantWith>>;
    let knowledgeBaseId: string;

    beforeAll(async () => {
      world = await tenantWith({ documents: 100 });
      knowledgeBaseId = (await createKnowledgeBase(world.admin)).id;
    });

    it('removes those that nobody has changed, from every store', async () => {
      const { tenant, person, held } = world;
      const [older, newer, kept] = await Promise.all([
        uploadAndWait(person, knowledgeBaseId, 'older.md', 'Old words.'),
        uploadAndWait(person, knowledgeBaseId, 'newer.md', 'New words.'),
        uploadAndWait(held, knowledgeBaseId, 'kept.md', 'Words in dispute.'),
      ]);
      const keys = [older, newer, kept].map((document) => keyOf(tenant.id, document));
      const [olderKey, newerKey, keptKey] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
      const later = new Date(Date.now() + 2 * DAY_MILLISECONDS).toISOString();
      await stores.rewind(newerKey, { updatedAt: later });

      await privacyOf(tenant, 99).retention.expire();
      expect(await stores.document(olderKey)).toMatchObject({ status: 'ready' });
      const { retention } = privacyOf(tenant, 101);
      await Promise.all([retention.expire(), retention.expire()]);
      await eventually(async () => ((await stores.document(olderKey)) ? undefined : true));
      await retention.expire();
      expect(await stores.vectors(olderKey)).toEqual([]);
      expect(await stores.blobs('documents', `${tenant.id}/${knowledgeBaseId}/${older.id}/`)).toEqual([]);
      for (const key of [newerKey, keptKey]) expect(await stores.document(key)).toMatchObject({ status: 'ready' });
      expect(await stores.vectors(newerKey)).toHaveLength(1);
    });

    it('finishes a deletion whose message was never sent', async () => {
      const { tenant, person } = world;
      const document = keyOf(tenant.id, await uploadAndWait(person, knowledgeBaseId, 'stuck.md', 'Stuck words.'));
      await stores.rewind(document, { status: 'deleting' });
      await privacyOf(tenant, 0).retention.expire();
      await eventually(async () => ((await stores.document(document)) ? undefined : true));
      expect(await stores.vectors(document)).toEqual([]);
    });
  });
});
