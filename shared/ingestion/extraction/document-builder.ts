import { cleanText } from './clean-text.ts';
import type { BlockKind, ExtractedBlock, ExtractedDocument } from './extracted-document.ts';
import { ExtractionError } from './extraction-error.ts';

export interface RawBlock {
  readonly kind: BlockKind;
  readonly text: string;
  readonly level?: number;
  readonly page?: number;
}

export interface DocumentFacts {
  readonly mediaType: ExtractedDocument['mediaType'];
  readonly title: string | null;
  readonly pageCount: number | null;
}

export interface DocumentBuilder {
  /** Appends a block; one without visible text is left out. Throws `too-large` past the limit. */
  readonly add: (block: RawBlock) => void;
  /** Throws `no-text` when nothing was added. */
  readonly finish: (facts: DocumentFacts) => ExtractedDocument;
}

const TIGHT_KINDS: ReadonlySet<BlockKind> = new Set(['list-item', 'table-row']);
const SPACE_AT_LINE_END = /[ \t]+$/gm;

/** Puts blocks together into one text whose spans are exact. */
export function createDocumentBuilder(maxTextCharacters: number): DocumentBuilder {
  const parts: string[] = [];
  const blocks: ExtractedBlock[] = [];
  let length = 0;
  return {
    add: ({ kind, text: raw, level, page }) => {
      const text = cleanText(raw)
        .replace(SPACE_AT_LINE_END, '')
        .replace(/^\n+|\n+$/g, '');
      const trimmed = kind === 'code' ? text : text.trim();
      if (trimmed.trim() === '') return;
      const previous = blocks.at(-1)?.kind;
      const separator = separatorBetween(previous, kind);
      const start = length + separator.length;
      length = start + trimmed.length;
      if (length > maxTextCharacters) throw new ExtractionError('too-large');
      parts.push(separator, trimmed);
      blocks.push({ kind, start, end: length, ...(level && { level }), ...(page && { page }) });
    },
    finish: ({ mediaType, title, pageCount }) => {
      if (blocks.length === 0) throw new ExtractionError('no-text');
      const cleanTitle = title === null ? null : cleanText(title).replace(/\s+/g, ' ').trim();
      return { mediaType, title: cleanTitle || null, text: parts.join(''), pageCount, blocks };
    },
  };
}

function separatorBetween(previous: BlockKind | undefined, next: BlockKind): string {
  if (previous === undefined) return '';
  return previous === next && TIGHT_KINDS.has(next) ? '\n' : '\n\n';
}
