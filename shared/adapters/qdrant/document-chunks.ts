import type { Schemas } from '@qdrant/js-client-rest';
import type { Scores } from '../../knowledge/ranking/fusion.ts';
import type { DocumentScope } from '../../knowledge/search-scope.ts';
import type {
  ChunkRange,
  ChunkScores,
  SpaceName,
  SparseVector,
  StoredChunk,
  VectorStore,
} from '../../knowledge/vector-store.ts';
import { collectionName, unlessMissing } from './collection.ts';
import { documentFields, type Filter, matching } from './filters.ts';
import { fromPayload, type Payload } from './payload.ts';
import type { QdrantCall } from './qdrant-client.ts';

const MAX_CHUNKS = 2_000;
/** Each is a search of its own. */
const MAX_TERMS = 256;

/** Reads chunks of one document. @throws AppError when it names no tenant. */
export async function chunksOf(
  call: QdrantCall,
  space: SpaceName,
  scope: DocumentScope,
  range: ChunkRange,
): Promise<StoredChunk[]> {
  const filter = within(scope, range);
  const request = { filter, limit: MAX_CHUNKS, with_payload: true, with_vector: ['text'] };
  const { points } = await unlessMissing({ points: [] }, () =>
    call((client) => client.scroll(collectionName(space), request)),
  );
  return points.flatMap((point) => toChunk(scope, point)).sort((one, other) => one.passage.index - other.passage.index);
}

/** Scores chunks of one document by each part and each word in one request. @throws AppError when it names no tenant. */
export async function scoreChunks(
  call: QdrantCall,
  space: SpaceName,
  scope: DocumentScope,
  range: ChunkRange,
  { dense, sparse, terms: wanted }: Parameters<VectorStore['scoreChunks']>[3],
): Promise<ChunkScores> {
  const common = { filter: within(scope, range), limit: MAX_CHUNKS, with_payload: false, with_vector: false };
  const bySparse = (indices: readonly number[], values: readonly number[]) => ({
    ...common,
    using: 'text',
    query: { indices: [...indices], values: [...values] },
  });
  const weights = new Map(sparse.indices.map((term, position) => [term, sparse.values[position] ?? 0]));
  const terms = wanted.filter((term) => weights.has(term)).slice(0, MAX_TERMS);
  const hasTerms = sparse.indices.length > 0;
  const searches = [
    { ...common, using: 'dense', query: Array.from(dense) },
    ...(hasTerms ? [bySparse(sparse.indices, sparse.values)] : []),
    ...terms.map((term) => bySparse([term], [weights.get(term) ?? 0])),
  ];
  const [byDense, ...rest] = await unlessMissing([], () =>
    call((client) => client.queryBatch(collectionName(space), { searches })),
  );
  const [whole, ...single] = hasTerms ? rest : [];
  return {
    dense: toScores(byDense),
    sparse: toScores(whole),
    byTerm: new Map(terms.map((term, position) => [term, toScores(single[position])])),
  };
}

function within(scope: DocumentScope, { version, by, from, to }: ChunkRange): Filter {
  const { must } = matching({ ...documentFields(scope), version });
  if (by === 'index') return { must: [...must, { key: 'index', range: { gte: from, lt: to } }] };
  return { must: [...must, { key: 'start', range: { lt: to } }, { key: 'end', range: { gt: from } }] };
}

const toScores = (answer: Schemas['QueryResponse'] | undefined): Scores =>
  new Map(answer?.points.map(({ id, score }) => [String(id), score]));

/** Checks a chunk against the scope once more, so that a wrong filter or index cannot give away one of another document. */
function toChunk(scope: DocumentScope, { id, payload, vector }: Schemas['Record']): StoredChunk[] {
  const found = payload as Payload | null | undefined;
  const isOfScope = Object.entries(documentFields(scope)).every(([field, value]) => found?.[field] === value);
  if (!found || !isOfScope) return [];
  const { text } = (vector ?? {}) as { readonly text?: SparseVector };
  const sparse = text ?? { indices: [], values: [] };
  return [{ id: String(id), live: found.live, passage: fromPayload(found), sparse }];
}
