import type { PdfLine } from './pdf-lines.ts';

/** How most of a document is set. */
export interface PdfBody {
  readonly size: number;
  readonly font: string | null;
  /** Fonts of few letters, such as a bold one, in which headings may be set. */
  readonly rareFonts: ReadonlySet<string>;
}

const LARGE_RATIO = 1.15;
const SMALLEST_RATIO = 0.95;
const MAX_LARGE_CHARACTERS = 200;
const MAX_LARGE_LINES = 3;
const MAX_SAME_SIZE_CHARACTERS = 100;
const MAX_SAME_SIZE_LINES = 2;
const RARE_SHARE = 0.15;
const BEGINS_HEADING = /^(?:\p{Lu}|[\d§])/u;
const ENDS_NO_HEADING = /[.,;:!…。，；：]["”’)]*$/;
const CAPTION = /^(?:fig(?:ure|\.)?|table|tab\.|abb(?:ildung|\.)?|tabelle|source|quelle|note)\s/i;

export function bodyOf(lines: readonly PdfLine[]): PdfBody {
  const sizes = new Map<number, number>();
  const fonts = new Map<string, number>();
  let characters = 0;
  for (const { cells, size, font } of lines) {
    const length = cells.join(' ').length;
    const rounded = Math.round(size * 2) / 2;
    characters += length;
    sizes.set(rounded, (sizes.get(rounded) ?? 0) + length);
    if (font !== null) fonts.set(font, (fonts.get(font) ?? 0) + length);
  }
  const commonest = <T>(counts: ReadonlyMap<T, number>) =>
    [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
  const rare = [...fonts].filter(([, count]) => count <= RARE_SHARE * characters).map(([font]) => font);
  return { size: commonest(sizes) ?? 1, font: commonest(fonts) ?? null, rareFonts: new Set(rare) };
}

/** Whether a paragraph is set as a heading: in larger letters, or by itself in a font of its own before text in another. */
export function looksLikeHeading(lines: readonly PdfLine[], next: PdfLine | undefined, body: PdfBody): boolean {
  const text = lines.map(({ cells }) => cells.join(' ')).join(' ');
  if (!/\p{L}{2}/u.test(text) || lines.some(({ turned }) => turned)) return false;
  const isLarge = lines.every(({ size }) => size >= LARGE_RATIO * body.size);
  if (isLarge) return lines.length <= MAX_LARGE_LINES && text.length <= MAX_LARGE_CHARACTERS;
  return isSetApart(lines, next, body) && readsAsHeading(text);
}

function isSetApart(lines: readonly PdfLine[], next: PdfLine | undefined, body: PdfBody): boolean {
  const font = lines[0]?.font ?? null;
  if (font === null || !body.rareFonts.has(font) || lines.length > MAX_SAME_SIZE_LINES) return false;
  const isOfOneFont = lines.every((line) => line.font === font && line.size >= SMALLEST_RATIO * body.size);
  return isOfOneFont && next !== undefined && next.font !== font && next.cells.length === 1;
}

function readsAsHeading(text: string): boolean {
  if (text.length > MAX_SAME_SIZE_CHARACTERS || CAPTION.test(text)) return false;
  return BEGINS_HEADING.test(text) && !ENDS_NO_HEADING.test(text) && !text.includes('@');
}
