import { AppError } from '../errors.ts';
import type { BlobStore } from './blob-store.ts';
import { jsonTextBlob, textBlob } from './document-blobs.ts';
import type { DocumentKey } from './document-repository.ts';

/** Two bytes for each character as spans count them, so that any window of a text is one range of its blob. */
const ENCODING = 'utf16le';
const BYTES_PER_CHARACTER = 2;
const CONTENT_TYPE = 'text/plain; charset=utf-16le';

/** Characters of one window at most: two megabytes. */
export const MAX_WINDOW_CHARACTERS = 1_000_000;

/** Characters `start` to `end` of an extracted text, and how many it has. */
export interface TextWindow {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly totalCharacters: number;
}

/** Keeps the text of a version, into which the spans of chunks and citations point. */
export function writeExtractedText(blobs: BlobStore, key: DocumentKey, version: number, text: string): Promise<void> {
  return blobs.write('documents', textBlob(key, version), Buffer.from(text, ENCODING), CONTENT_TYPE);
}

/**
 * Reads some of the extracted text of a version, and no more than that, however long the text is. Ends one character
 * earlier where it would cut a pair of surrogates. @throws AppError `not_found`
 */
export async function readTextWindow(
  blobs: BlobStore,
  key: DocumentKey,
  version: number,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<TextWindow> {
  const length = Math.min(Math.max(0, end - start), MAX_WINDOW_CHARACTERS);
  const from = start * BYTES_PER_CHARACTER;
  // No range is empty.
  const bytes = Math.max(1, length) * BYTES_PER_CHARACTER;
  const found = await blobs.readRange('documents', textBlob(key, version), from, bytes);
  if (found === null) return readOlder(blobs, key, version, { start, length });
  return windowOf(found.content.toString(ENCODING).slice(0, length), start, found.size / BYTES_PER_CHARACTER);
}

/** Texts from before windows could be read are whole JSON. */
async function readOlder(
  blobs: BlobStore,
  key: DocumentKey,
  version: number,
  { start, length }: { readonly start: number; readonly length: number },
): Promise<TextWindow> {
  const stored = await blobs.readJson('documents', jsonTextBlob(key, version));
  if (stored === null) throw replaced();
  const { text } = stored as { text: string };
  return windowOf(text.slice(start, start + length), start, text.length);
}

function windowOf(text: string, start: number, totalCharacters: number): TextWindow {
  const isCutPair = start + text.length < totalCharacters && text.length > 1 && /[\uD800-\uDBFF]$/.test(text);
  const whole = isCutPair ? text.slice(0, -1) : text;
  return { text: whole, start, end: start + whole.length, totalCharacters };
}

export function replaced(): AppError {
  return new AppError(
    'not_found',
    'This version is not there any more: the document was replaced or is still being read.',
  );
}
