import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { FlaggedChunk } from './flag-chunks.ts';
import { type ChunkBatch, contentHash, indexedText } from './prepared-chunk.ts';

/** What an embedding model takes in one request. */
export interface BatchLimits {
  readonly texts: number;
  readonly tokens: number;
}

/** Copies of one text count as one for the embedding model, but each is a point of the vector store. */
const MAX_CHUNKS_PER_BATCH = 256;

interface Copies {
  readonly chunks: FlaggedChunk[];
  readonly tokens: number;
}

/**
 * Parts the chunks of a document into batches that are each embedded by one request. Chunks with the same text go into the
 * same batch, up to 256 of them, so that batches that are worked on at the same time do not embed it twice.
 */
export function batchChunks(title: string | null, chunks: readonly FlaggedChunk[], limits: BatchLimits): ChunkBatch[] {
  const batches: FlaggedChunk[][] = [];
  let batch: FlaggedChunk[] = [];
  let room = { ...limits };
  for (const copies of byContent(title, chunks)) {
    const isFull = room.texts === 0 || copies.tokens > room.tokens;
    if (batch.length > 0 && (isFull || batch.length + copies.chunks.length > MAX_CHUNKS_PER_BATCH)) {
      batches.push(batch);
      batch = [];
      room = { ...limits };
    }
    batch.push(...copies.chunks);
    room = { texts: room.texts - 1, tokens: room.tokens - copies.tokens };
  }
  if (batch.length > 0) batches.push(batch);
  return batches.map((each) => ({ title, chunks: each }));
}

/** Chunks of the same text together, in the order in which the texts come first. */
function byContent(title: string | null, chunks: readonly FlaggedChunk[]): Copies[] {
  const groups: Copies[] = [];
  const open = new Map<string, Copies>();
  for (const chunk of chunks) {
    const text = indexedText(title, chunk);
    const hash = contentHash(text);
    const group = open.get(hash);
    if (group && group.chunks.length < MAX_CHUNKS_PER_BATCH) {
      group.chunks.push(chunk);
      continue;
    }
    const begun = { chunks: [chunk], tokens: chunk.tokens + estimateTokens(text.slice(chunk.text.length)) };
    groups.push(begun);
    open.set(hash, begun);
  }
  return groups;
}
