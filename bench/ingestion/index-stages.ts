import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import type { Config } from '../../shared/config.ts';
import { newId } from '../../shared/identifiers.ts';
import { type Chunk, defaultChunkingOptions } from '../../shared/ingestion/chunking/chunk.ts';
import { chunkDocument } from '../../shared/ingestion/chunking/chunk-document.ts';
import type { ExtractedDocument } from '../../shared/ingestion/extraction/extracted-document.ts';
import { chunkId, indexedText } from '../../shared/ingestion/prepared-chunk.ts';
import { documentVectors } from '../../shared/knowledge/lexical/bm25.ts';
import type { ChunkPoint, SparseVector } from '../../shared/knowledge/vector-store.ts';
import { loadTokenizer } from '../../shared/models/tokenizer.ts';
import { anybody, embeddingModelOf } from '../embedding-model.ts';

const CHUNKS_PER_BATCH = 32;
const AVERAGE_TERMS = 160;

/** The last two stages as the app runs them, batch by batch, at the adapters that it uses. */
export interface IndexStages {
  embed(texts: readonly string[]): Promise<number[][]>;
  /** With the sparse vectors of the texts. */
  upsert(chunks: readonly Chunk[], texts: readonly string[], vectors: readonly number[][]): Promise<void>;
}

export function indexStages(config: Config): IndexStages {
  const model = embeddingModelOf(config);
  const vectorStore = createQdrantVectorStore(config.qdrant);
  const space = { model: model.name, dimensions: model.dimensions };
  return {
    async embed(texts) {
      const found: number[][] = [];
      for (const batch of batchesOf(texts)) {
        const { vectors } = await model.embed(anybody, batch);
        for (const vector of vectors) found.push([...vector]);
      }
      return found;
    },
    async upsert(chunks, texts, vectors) {
      const documentId = newId('doc');
      const sparse = await documentVectors(texts, AVERAGE_TERMS);
      const points = chunks.map((chunk, index) =>
        pointOf(documentId, { ...chunk, index }, vectors[index], sparse[index]),
      );
      for (const batch of batchesOf(points)) await vectorStore.upsert(space, 'ten_bench', batch);
    },
  };
}

export async function chunkAndText(document: ExtractedDocument): Promise<{ chunks: Chunk[]; texts: string[] }> {
  const { count } = await loadTokenizer();
  const chunks = chunkDocument(document, defaultChunkingOptions, count);
  return { chunks, texts: chunks.map((chunk) => indexedText(document.title, chunk)) };
}

function batchesOf<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / CHUNKS_PER_BATCH);
  return Array.from({ length: count }, (_, index) =>
    all.slice(index * CHUNKS_PER_BATCH, (index + 1) * CHUNKS_PER_BATCH),
  );
}

function pointOf(
  documentId: string,
  { tokens, ...chunk }: Chunk,
  dense: readonly number[] = [],
  sparse: SparseVector = { indices: [], values: [] },
): ChunkPoint {
  const document = { knowledgeBaseId: 'kb_bench', documentId, documentName: 'Bench', version: 1, grants: ['tenant'] };
  const id = chunkId(documentId, 1, chunk.index);
  return { id, dense, sparse, passage: { ...document, ...chunk }, revision: 0 };
}
