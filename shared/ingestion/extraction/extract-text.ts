import { cleanText } from './clean-text.ts';
import { decodeText } from './decode-text.ts';
import type { ExtractedBlock, ExtractedDocument } from './extracted-document.ts';
import { ExtractionError } from './extraction-error.ts';
import type { ParsingLimits } from './extraction-limits.ts';

const BLANK_LINES = /\n[ \t]*(?:\n[ \t]*)+/g;

/** Reads plain text in any encoding; its paragraphs are what blank lines separate, its layout stays as it is. */
export function extractText(bytes: Uint8Array, { maxTextCharacters }: ParsingLimits): ExtractedDocument {
  const text = cleanText(decodeText(bytes)).trim();
  if (text.length === 0) throw new ExtractionError('empty');
  if (text.length > maxTextCharacters) throw new ExtractionError('too-large');
  return { mediaType: 'text/plain', title: null, text, pageCount: null, blocks: paragraphs(text) };
}

function paragraphs(text: string): ExtractedBlock[] {
  const blocks: ExtractedBlock[] = [];
  let start = 0;
  for (const gap of text.matchAll(BLANK_LINES)) {
    blocks.push({ kind: 'paragraph', start, end: gap.index });
    start = gap.index + gap[0].length;
  }
  blocks.push({ kind: 'paragraph', start, end: text.length });
  return blocks;
}
