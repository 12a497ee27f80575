import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import { FindingKind } from '../contracts/screening.ts';

/** A chunk on its way from the extractor to the vector store, as it lies in a batch's blob. */
export const PreparedChunk = z.object({
  index: z.number().int().nonnegative(),
  text: z.string(),
  headingPath: z.array(z.string()),
  page: z.number().int().positive().nullable(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  /** What was found in it when it was screened. */
  flags: z.array(FindingKind).default([]),
});
export type PreparedChunk = z.infer<typeof PreparedChunk>;

export const ChunkBatch = z.object({ title: z.string().nullable(), chunks: z.array(PreparedChunk) });
export type ChunkBatch = z.infer<typeof ChunkBatch>;

const CHUNK_NAMESPACE = '6f1c7c1e-3c57-4c0e-9a51-5a1c3b8f1d20';

/** The same chunk of the same version has the same id, so writing it twice stores it once. */
export function chunkId(documentId: string, version: number, index: number): string {
  return uuidv5(`${documentId}/${version}/${index}`, CHUNK_NAMESPACE);
}

/** What is embedded and indexed: a chunk with the titles it stands under, which its own words often leave out. */
export function indexedText(title: string | null, chunk: PreparedChunk): string {
  const titles = [title, ...chunk.headingPath].filter((part) => part !== null && !chunk.text.startsWith(part));
  return [...new Set(titles), chunk.text].join('\n');
}
