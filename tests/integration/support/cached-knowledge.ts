import { randomUUID } from 'node:crypto';
import { createKnowledgeBaseRepository } from '../../../shared/adapters/cosmos/knowledge-base-repository.ts';
import { createQdrantCacheStore } from '../../../shared/adapters/qdrant/cached-answers.ts';
import { createQdrantVectorStore } from '../../../shared/adapters/qdrant/vector-store.ts';
import type { TurnFacts } from '../../../shared/cache/cacheable-turn.ts';
import type { CachedAnswer } from '../../../shared/cache/cached-answer.ts';
import type { FinishedAnswer } from '../../../shared/cache/finished-answer.ts';
import { SemanticCache } from '../../../shared/cache/semantic-cache.ts';
import type { KnowledgeBase } from '../../../shared/contracts/knowledge-bases.ts';
import { newId } from '../../../shared/identifiers.ts';
import type { Principal } from '../../../shared/identity/principal.ts';
import { chunkId } from '../../../shared/ingestion/prepared-chunk.ts';
import { announceChanges } from '../../../shared/knowledge/announce-changes.ts';
import { createAnnouncements } from '../../../shared/knowledge/announcements.ts';
import type { DocumentKey } from '../../../shared/knowledge/document-repository.ts';
import type { EmbeddedQuestion } from '../../../shared/knowledge/embed-question.ts';
import { createKnowledgeBases } from '../../../shared/knowledge/knowledge-bases.ts';
import type { SearchableKnowledgeBase } from '../../../shared/knowledge/knowledge-content.ts';
import { searchScope } from '../../../shared/knowledge/search-scope.ts';
import type { Carried } from '../../../shared/knowledge/vector-store.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { cosmos, stack } from './platform.ts';

const MANY = 100;
const USAGE = { inputTokens: 900, cachedInputTokens: 0, outputTokens: 60, costMicroUsd: 480 };
const qdrant = { url: stack.env.QDRANT_URL ?? '', apiKey: stack.env.QDRANT_API_KEY };

/** Of one test file. */
const MODEL = `cache-${randomUUID()}`;
const DIMENSIONS = 128;
const LAST_AXIS = DIMENSIONS - 1;

/** A question on an axis of its own, unlike all others; `likeness` is its cosine with those on the same axis. */
export function embedded(text: string, { axis = 0, likeness = 1, model = MODEL } = {}): EmbeddedQuestion {
  const vector = Array.from({ length: DIMENSIONS }, (_, index) => {
    if (index === LAST_AXIS) return Math.sqrt(1 - likeness * likeness);
    return index === axis % LAST_AXIS ? likeness : 0;
  });
  return { text, vectors: new Map([[model, vector]]), taken: [] };
}

const ANY_VECTOR = vectorOf(embedded(''));

export function vectorOf({ vectors }: EmbeddedQuestion): readonly number[] {
  return [...vectors.values()][0] ?? [];
}

/** The cache with all that changes what it may give, on stores of the stack; only the model is left out. */
export function openCachedKnowledge(tenantId: string, { now = () => new Date(), model = MODEL } = {}) {
  const space = { model, dimensions: DIMENSIONS };
  const chunks = createQdrantVectorStore(qdrant);
  const store = createQdrantCacheStore(qdrant);
  const cache = new SemanticCache({ store, vectorStore: chunks, spaces: [space], now, log: createLogger('silent') });
  const repository = createKnowledgeBaseRepository(cosmos);
  const vectorStore = announceChanges({
    vectorStore: chunks,
    announce: createAnnouncements((base, change) => repository.contentChanged(tenantId, base.knowledgeBaseId, change)),
    forgetDocument: (document) => cache.forgetDocument(document),
  });
  const unused = () => Promise.reject(new Error('no queue is used'));
  const queues = {
    documentChunk: unused,
    chunkEmbed: unused,
    documentAlign: unused,
    documentDelete: unused,
    dropEvent: unused,
    documentImport: unused,
  };
  const knowledgeBases = createKnowledgeBases({ repository, queues, embeddingModel: space.model, newId, now });

  let revisions = 0;
  /** What chunks carry of a record that was changed just now. */
  function carried(change: Partial<Carried> = {}): Carried {
    revisions += 1;
    return { revision: revisions, grants: ['tenant'], documentName: 'a.md', ...change };
  }

  /** One passage of a version, live. */
  async function publish(document: DocumentKey, version: number, grants: readonly string[] = ['tenant']) {
    const { knowledgeBaseId, documentId } = document;
    const place = { page: null, start: 0, end: 1, headingPath: [], index: 0, tableHeader: null, surroundings: null };
    const text = `${documentId} ${version}`;
    const passage = { ...place, knowledgeBaseId, documentId, documentName: documentId, version, text, grants };
    const vectors = { dense: ANY_VECTOR, sparse: { indices: [], values: [] } };
    const current = carried({ grants, documentName: documentId });
    const { revision } = current;
    await vectorStore.upsert(space, tenantId, [{ id: chunkId(documentId, version, 0), ...vectors, passage, revision }]);
    await vectorStore.makeLive(space, document, version, current);
  }

  /** What a model would see now. */
  async function passagesFor(principal: Principal, knowledgeBases: readonly SearchableKnowledgeBase[]) {
    const query = { dense: ANY_VECTOR, sparse: { indices: [], values: [] }, limit: MANY };
    const { dense } = await vectorStore.search(space, searchScope(principal, knowledgeBases), query);
    return dense.map(({ id, passage }) => ({ id, ...passage })).toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** The answer of a model that says everything it sees. */
  async function freshAnswer(principal: Principal, searched: readonly SearchableKnowledgeBase[]) {
    const passages = await passagesFor(principal, searched);
    const citations = passages.map(({ documentId, knowledgeBaseId, version }, index) => ({
      ...{ number: index + 1, documentId, knowledgeBaseId, documentName: 'a.md', version, page: null, headingPath: [] },
      ...{ start: 0, end: 1, snippet: '', score: 1, url: '/' },
    }));
    const text = passages.map((passage) => passage.text).join(', ') || 'Nothing.';
    const support = { status: 'supported' as const, sentences: [] };
    const ended = { model: 'm', finishReason: 'stop' as const, usage: USAGE, usedTools: false, title: 'Title' };
    return { ...ended, text, citations, support, passages } satisfies FinishedAnswer;
  }

  /** A turn as chat takes it: reads, looks up, and on a miss answers and stores. */
  async function ask(
    principal: Principal,
    question = embedded('What is there?'),
    facts: Partial<TurnFacts> = {},
    answered: Partial<FinishedAnswer> = {},
  ): Promise<{ status: 'hit' | 'miss' | 'bypass'; text: string; cached: CachedAnswer | null }> {
    const searched = await knowledgeBases.searchable(principal);
    const usual = { model: 'm', promptVersion: 'grounded@1', tools: [], hasHistory: false, useCache: true };
    const turn = cache.admit(principal, { question: question.text, knowledgeBases: searched, ...usual, ...facts });
    const cached = turn && (await cache.lookUp(turn, question));
    if (cached) return { status: 'hit', text: cached.text, cached };
    const answer = { ...(await freshAnswer(principal, searched)), ...answered };
    if (turn) await cache.store(turn, question, answer);
    return { status: turn ? 'miss' : 'bypass', text: answer.text, cached };
  }

  async function createKnowledgeBase(access: Partial<KnowledgeBase['access']> = {}): Promise<KnowledgeBase> {
    const at = now().toISOString();
    const chunking = { strategy: 'structure' as const, maxTokens: 400, overlapTokens: 60, surroundingTokens: 0 };
    const { value } = await repository.create(tenantId, {
      ...{ id: newId('kb'), name: randomUUID(), description: '', chunking, embeddingModel: space.model },
      ...{ access: { visibility: 'tenant', users: [], groups: [], roles: [], ...access } },
      ...{ createdBy: randomUUID(), createdAt: at, updatedAt: at },
    });
    return value;
  }

  return {
    space,
    cache,
    store,
    vectorStore,
    knowledgeBases,
    repository,
    carried,
    publish,
    freshAnswer,
    ask,
    createKnowledgeBase,
  };
}
