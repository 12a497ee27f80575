import { QdrantClient } from '@qdrant/js-client-rest';
import type { PlatformClient } from '../local/platform-client.ts';
import type { Stack } from '../local/stack.ts';
import type { KnowledgeDocument } from '../shared/contracts/documents.ts';
import type { SearchResult } from '../shared/contracts/search.ts';
import type { MadeDocument } from './made-documents.ts';

const SCROLL_PAGE = 1000;
const QUERIED_DOCUMENTS = 20;
const RESULTS = 50;

interface IndexedPoint {
  readonly document_id: string;
  readonly version: number;
  readonly index: number;
  readonly live: boolean;
}

export interface BulkDrop {
  readonly stack: Stack;
  readonly client: PlatformClient;
  readonly knowledgeBaseId: string;
  readonly documents: readonly MadeDocument[];
  /** What the API lists after everything has settled. */
  readonly indexed: readonly KnowledgeDocument[];
}

/** Compares what was dropped with what the API lists, what the vector store holds and what a search finds. */
export async function checkIndex(bulk: BulkDrop): Promise<{ failures: string[]; chunks: number }> {
  const points = await readPoints(bulk.stack, bulk.knowledgeBaseId);
  const failures = [...checkList(bulk), ...checkPoints(bulk, points), ...(await checkSearch(bulk))];
  return { failures, chunks: points.length };
}

function checkList({ documents, indexed }: BulkDrop): string[] {
  const names = new Set(indexed.map(({ name }) => name));
  const missing = documents.filter(({ name }) => !names.has(name));
  const unready = indexed.filter(({ status }) => status !== 'ready');
  return [
    ...missing.map(({ name }) => `${name} was lost.`),
    ...unready.map(({ name, status, error }) => `${name} is ${status}: ${error?.reason ?? 'no reason'}`),
    ...(indexed.length > names.size ? [`${indexed.length - names.size} documents are listed twice.`] : []),
  ];
}

function checkPoints({ indexed }: BulkDrop, points: readonly IndexedPoint[]): string[] {
  const byDocument = Map.groupBy(points, (point) => point.document_id);
  const wrong = indexed.flatMap(({ id, name, chunkCount }) => {
    const found = byDocument.get(id) ?? [];
    const distinct = new Set(found.map(({ index }) => index)).size;
    const isRight = found.length === chunkCount && distinct === chunkCount && found.every(({ live }) => live);
    return isRight ? [] : [`${name} has ${chunkCount} chunks, but ${found.length} points for ${distinct} of them.`];
  });
  const total = indexed.reduce((sum, { chunkCount }) => sum + (chunkCount ?? 0), 0);
  return total === points.length ? wrong : [...wrong, `${points.length} points are there for ${total} chunks.`];
}

async function checkSearch({ client, documents, knowledgeBaseId }: BulkDrop): Promise<string[]> {
  const step = Math.max(1, Math.floor(documents.length / QUERIED_DOCUMENTS));
  const failures: string[] = [];
  for (const { name, marker } of documents.filter((_, index) => index % step === 0)) {
    const query = { query: marker, limit: RESULTS, knowledgeBaseIds: [knowledgeBaseId] };
    const { results } = await client.must<{ results: SearchResult[] }>('POST', '/api/v1/query', query);
    const found = results.filter(({ text }) => text.includes(marker));
    const isOnceAndFirst = found.length === 1 && results[0] === found[0] && found[0]?.documentName === name;
    if (!isOnceAndFirst) failures.push(`The word of ${name} was found ${found.length} times.`);
  }
  return failures;
}

async function readPoints(stack: Stack, knowledgeBaseId: string): Promise<IndexedPoint[]> {
  const client = new QdrantClient({ url: stack.urls.qdrant, checkCompatibility: false });
  const filter = { must: [{ key: 'knowledge_base_id', match: { value: knowledgeBaseId } }] };
  const [collection = { name: '' }] = (await client.getCollections()).collections;
  const points: IndexedPoint[] = [];
  let offset: string | number | undefined;
  do {
    const page = await client.scroll(collection.name, {
      filter,
      limit: SCROLL_PAGE,
      with_payload: ['document_id', 'version', 'index', 'live'],
      ...(offset !== undefined && { offset }),
    });
    points.push(...page.points.map(({ payload }) => payload as unknown as IndexedPoint));
    offset = page.next_page_offset as string | undefined;
  } while (offset);
  return points;
}
