import type { ExtractedDocument } from '../../../../shared/ingestion/extraction/extracted-document.ts';
import { defaultExtractionLimits } from '../../../../shared/ingestion/extraction/extraction-limits.ts';

export const limits = defaultExtractionLimits;

/** The blocks as `[kind, text]`, as a reader would list them. */
export function blocksOf({ text, blocks }: ExtractedDocument): Array<[string, string]> {
  return blocks.map(({ kind, start, end, level }) => [level ? `${kind} ${level}` : kind, text.slice(start, end)]);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
