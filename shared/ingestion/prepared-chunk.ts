import { createHash } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import { FindingKind } from '../contracts/screening.ts';
import { PassageSurroundings } from '../contracts/search.ts';

/** A chunk on its way from the extractor to the vector store, as it lies in a batch's blob. */
export const PreparedChunk = z.object({
  index: z.number().int().nonnegative(),
  text: z.string(),
  headingPath: z.array(z.string()),
  page: z.number().int().positive().nullable(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
  // Batches of an earlier release have neither.
  tableHeader: z.string().nullable().default(null),
  surroundings: PassageSurroundings.nullable().default(null),
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

type TitledText = Pick<PreparedChunk, 'text' | 'tableHeader'> & { readonly headingPath: readonly string[] };

/**
 * What is embedded and indexed: a chunk with the titles it stands under, and the header of the table that it goes on with,
 * all of which its own words often leave out.
 */
export function indexedText(title: string | null, { headingPath, tableHeader, text }: TitledText): string {
  const titles = [title, ...headingPath].filter((part) => part !== null && !beginsWithLine(text, part));
  return [...new Set(titles), ...(tableHeader === null ? [] : [tableHeader]), text].join('\n');
}

function beginsWithLine(text: string, line: string): boolean {
  return text.startsWith(line) && (text.length === line.length || text[line.length] === '\n');
}

const FILE_EXTENSION = /(?<=[^.])\.[\p{L}\p{N}]{1,8}$/u;

/** What a document is called: its own title, else the name of its file without folders and extension. */
export function titleOf(title: string | null, fileName: string): string {
  const name = fileName.split('/').at(-1) ?? fileName;
  return title ?? name.replace(FILE_EXTENSION, '');
}

/** The same for the same indexed text: what has been embedded once is found by it. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
