import type { PdfLine } from './pdf-lines.ts';

export interface PdfPage {
  readonly lines: readonly PdfLine[];
}

const MIN_PAGES = 3;
const EDGE_LINES = 4;
const PLACE_POINTS = 6;
const TABLE_HEADER_CELLS = 3;
const NUMBERS = /\d{1,9}|\b[ivxlc]{1,7}\b/gi;
const ROMAN: Readonly<Record<string, number>> = { i: 1, v: 5, x: 10, l: 50, c: 100 };

/**
 * Leaves out headers, footers and page numbers: lines among the first or last of a page that stand at the same height on
 * three pages or more and say the same, but for a number that counts the pages. Rows that are the same but for their
 * figures stay, and the header of a table stays where it stands first.
 */
export function withoutFurniture(pages: readonly PdfPage[]): PdfLine[] {
  const seen = new Map<string, number>();
  const edges = pages.map(({ lines }) => edgeLines(lines));
  const keys = edges.map((lines, page) => new Map([...lines].map((line) => [line, furnitureKeys(line, page)])));
  for (const page of keys) {
    for (const key of new Set([...page.values()].flat())) seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const kept = new Set<string>();
  const isFurniture = (line: PdfLine, page: number): boolean => {
    const repeated = keys[page]?.get(line)?.find((key) => (seen.get(key) ?? 0) >= MIN_PAGES);
    if (repeated === undefined) return false;
    if (line.cells.length < TABLE_HEADER_CELLS || kept.has(repeated)) return true;
    kept.add(repeated);
    return false;
  };
  return pages.flatMap(({ lines }, page) => lines.filter((line) => !isFurniture(line, page)));
}

function edgeLines(lines: readonly PdfLine[]): ReadonlySet<PdfLine> {
  const sorted = [...lines].sort((one, other) => one.y - other.y);
  return new Set([...sorted.slice(0, EDGE_LINES), ...sorted.slice(-EDGE_LINES)]);
}

/** What a line says as it stands, and with each of its numbers as one that counts the pages. */
function furnitureKeys({ cells, y }: PdfLine, page: number): string[] {
  const text = `${Math.round(y / PLACE_POINTS)} ${cells.join(' | ')}`;
  const from = text.indexOf(' ') + 1;
  const counted = [...text.matchAll(NUMBERS)].flatMap(({ index, 0: number }) => {
    if (index < from) return [];
    return [`${text.slice(0, index)}#${toCount(number) - page}#${text.slice(index + number.length)}`];
  });
  return [text, ...counted];
}

function toCount(number: string): number {
  if (/^\d/.test(number)) return Number(number);
  const digits = [...number.toLowerCase()].map((letter) => ROMAN[letter] ?? 0);
  return digits.reduce((sum, digit, index) => sum + (digit < (digits[index + 1] ?? 0) ? -digit : digit), 0);
}
