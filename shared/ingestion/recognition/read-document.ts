import { withSpan } from '../../telemetry/span.ts';
import type { FileClaims } from '../extraction/detect-media-type.ts';
import { createDocumentBuilder } from '../extraction/document-builder.ts';
import type { ExtractedDocument, RecognizableMediaType } from '../extraction/extracted-document.ts';
import { ExtractionError } from '../extraction/extraction-error.ts';
import { defaultExtractionLimits } from '../extraction/extraction-limits.ts';
import type { Extractor } from '../extraction/extractor.ts';
import type { TextRecognition } from './text-recognition.ts';

export interface ReadDocumentOptions {
  readonly extractor: Extractor;
  /** Left out, pictures are not read. */
  readonly textRecognition: TextRecognition | null;
}

const SIGNATURES: ReadonlyArray<readonly [RecognizableMediaType, readonly number[]]> = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['image/tiff', [0x4d, 0x4d, 0x00, 0x2a]],
];
const PDF_HEADER = '%PDF-';
const PDF_HEADER_WITHIN = 1024;

/**
 * Reads a file as text; where it has none, in its pictures: scans, and images by themselves.
 *
 * @param load is asked twice for a scan, as the bytes are handed over to the thread that reads them
 * @throws ExtractionError for what is wrong with the file, AppError when a service is
 */
export async function readDocument(
  { extractor, textRecognition }: ReadDocumentOptions,
  load: () => Promise<Uint8Array>,
  claims: FileClaims,
): Promise<ExtractedDocument> {
  const bytes = await load();
  const picture = textRecognition ? recognizableType(bytes) : null;
  if (!textRecognition || picture === null) return extractor.extract(bytes, claims);
  if (picture !== 'application/pdf') return recognize(textRecognition, bytes, picture);
  try {
    return await extractor.extract(bytes, claims);
  } catch (error) {
    if (!(error instanceof ExtractionError) || error.code !== 'no-text') throw error;
    return recognize(textRecognition, await load(), picture);
  }
}

async function recognize(
  textRecognition: TextRecognition,
  bytes: Uint8Array,
  mediaType: RecognizableMediaType,
): Promise<ExtractedDocument> {
  const found = await withSpan('recognize', {}, () => textRecognition.recognize(bytes));
  if (!found) throw new ExtractionError('no-text');
  const builder = createDocumentBuilder(defaultExtractionLimits.maxTextCharacters);
  for (const block of found.blocks) builder.add(block);
  const title = found.blocks.find(({ kind, level }) => kind === 'heading' && level === 1)?.text ?? null;
  return builder.finish({ mediaType, title, pageCount: found.pageCount });
}

function recognizableType(bytes: Uint8Array): RecognizableMediaType | null {
  const known = SIGNATURES.find(([, signature]) => signature.every((byte, index) => bytes[index] === byte));
  if (known) return known[0];
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, PDF_HEADER_WITHIN));
  return start.includes(PDF_HEADER) ? 'application/pdf' : null;
}
