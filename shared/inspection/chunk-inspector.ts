import type { ChunksQuery, InspectedChunk, InspectedChunks } from '../contracts/chunks.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { ChunkBatch, indexedText } from '../ingestion/prepared-chunk.ts';
import type { BlobStore } from '../knowledge/blob-store.ts';
import { batchBlob } from '../knowledge/document-blobs.ts';
import type { DocumentKey, StoredDocument } from '../knowledge/document-repository.ts';
import type { DocumentReference, Documents } from '../knowledge/documents.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';
import { passageTerms, questionTerms } from '../knowledge/lexical/bm25.ts';
import type { StoredChunk, VectorStore } from '../knowledge/vector-store.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import { type ExplainChunk, type ExplainQueryOptions, explainQuery } from './explain-query.ts';
import { weightedTerms } from './indexed-terms.ts';

const MAX_TERMS = 50;
const NO_NAMES: ReadonlyMap<number, string> = new Map();

export interface ChunkInspectorOptions extends ExplainQueryOptions {
  readonly documents: Pick<Documents, 'open'>;
  readonly knowledgeBases: Pick<KnowledgeBases, 'searchable'>;
  readonly blobs: Pick<BlobStore, 'readJson'>;
  readonly vectorStore: Pick<VectorStore, 'scoreChunks' | 'chunksOf'>;
  readonly loadTokenizer: () => Promise<TokenCounter>;
}

/**
 * Shows what was indexed of a document that a principal may see, and with a question how well each chunk fits and why.
 * @throws AppError `not_found`; of the limits, with a question
 */
export type InspectChunks = (
  principal: Principal,
  reference: DocumentReference,
  asked: ChunksQuery,
) => Promise<InspectedChunks>;

export function createChunkInspector(options: ChunkInspectorOptions): InspectChunks {
  const { documents, knowledgeBases, vectorStore, blobs, loadTokenizer } = options;
  return async (principal, reference, { query, limit, continuation, ...asked }) => {
    const [{ document, scope, mayManage }, searchable] = await Promise.all([
      documents.open(principal, reference),
      knowledgeBases.searchable(principal),
    ]);
    const knowledgeBase = searchable.find(({ id }) => id === document.knowledgeBaseId);
    if (!knowledgeBase) throw new AppError('not_found', 'There is no such knowledge base.');
    const begun = continuation === undefined ? null : readContinuation(continuation);
    const version = begun?.version ?? asked.version ?? document.liveVersion ?? document.version;
    const from = begun?.index ?? 0;
    const range = { version, by: 'index', from, to: from + limit } as const;
    const [chunks, title, tokenizer, queryTerms] = await Promise.all([
      vectorStore.chunksOf({ model: knowledgeBase.embeddingModel }, scope, range),
      titleOf(blobs, scope, version),
      loadTokenizer(),
      query === undefined ? null : questionTerms(query),
    ]);
    const dimensions = new Set(chunks.flatMap(({ sparse }) => sparse.indices));
    const explain =
      query === undefined
        ? null
        : await explainQuery(options, principal, knowledgeBase, { scope, range, query, dimensions });
    const texts = chunks.map(({ passage }) => indexedText(title, passage));
    const names = await passageTerms(texts);
    const inspect = inspectorOf(tokenizer, explain, mayManage);
    return {
      ...stateOf(knowledgeBase, document),
      version,
      queryTerms: [...(queryTerms?.values() ?? [])],
      items: chunks.map((chunk, position) => inspect(chunk, texts[position] ?? '', names[position] ?? NO_NAMES)),
      continuation: isMore(document, range, chunks) ? writeContinuation({ version, index: range.to }) : null,
    };
  };
}

function inspectorOf(tokenizer: TokenCounter, explain: ExplainChunk | null, mayManage: boolean) {
  return (
    { id, live, passage, sparse }: StoredChunk,
    indexed: string,
    names: ReadonlyMap<number, string>,
  ): InspectedChunk => {
    const { index, text, page, start, end } = passage;
    const terms = weightedTerms(names, sparse);
    return {
      ...{ id, live, index, text, page, start, end },
      headingPath: [...passage.headingPath],
      indexedText: indexed,
      tokens: tokenizer.count(indexed),
      terms: terms.slice(0, MAX_TERMS).map(({ term, weight }) => ({ term, weight })),
      grants: mayManage ? [...passage.grants] : null,
      scores: explain?.(id, terms) ?? null,
    };
  };
}

function stateOf({ embeddingModel, content }: SearchableKnowledgeBase, { id }: StoredDocument) {
  return { embeddingModel, isWithheld: content.withheld[id] !== undefined };
}

/** The title that its chunks were indexed with; it lies with the first of them. */
async function titleOf(blobs: Pick<BlobStore, 'readJson'>, key: DocumentKey, version: number): Promise<string | null> {
  const first = await blobs.readJson('documents', batchBlob(key, version, 0));
  return first === null ? null : ChunkBatch.parse(first).title;
}

/** Of a version that is not the newest it is not known how many chunks there are: its last page may be empty. */
function isMore({ version, chunkCount }: StoredDocument, range: { version: number; to: number }, found: unknown[]) {
  return range.version === version && chunkCount !== null ? range.to < chunkCount : found.length > 0;
}

interface Place {
  readonly version: number;
  readonly index: number;
}

const writeContinuation = ({ version, index }: Place) => Buffer.from(`${version}:${index}`).toString('base64url');

function readContinuation(continuation: string): Place {
  const place = /^(\d{1,9}):(\d{1,9})$/.exec(Buffer.from(continuation, 'base64url').toString());
  if (!place) throw new AppError('bad_request', 'The continuation is not from a page of chunks. Begin without one.');
  return { version: Number(place[1]), index: Number(place[2]) };
}
