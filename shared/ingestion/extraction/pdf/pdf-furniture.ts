import type { PdfLine } from './pdf-lines.ts';

export interface PdfPage {
  readonly lines: readonly PdfLine[];
}

const MIN_PAGES = 3;
const EDGE_LINES = 4;
const PLACE_POINTS = 6;

/**
 * Leaves out headers, footers and page numbers: lines among the first or last of a page whose text, digits aside, stands
 * at the same height on three pages or more.
 */
export function withoutFurniture(pages: readonly PdfPage[]): PdfLine[] {
  const seen = new Map<string, number>();
  const edges = pages.map(({ lines }) => edgeLines(lines));
  for (const lines of edges) {
    for (const key of new Set([...lines].map(furnitureKey))) seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  return pages.flatMap(({ lines }, index) =>
    lines.filter((line) => !(edges[index]?.has(line) && (seen.get(furnitureKey(line)) ?? 0) >= MIN_PAGES)),
  );
}

function edgeLines(lines: readonly PdfLine[]): ReadonlySet<PdfLine> {
  const sorted = [...lines].sort((one, other) => one.y - other.y);
  return new Set([...sorted.slice(0, EDGE_LINES), ...sorted.slice(-EDGE_LINES)]);
}

function furnitureKey({ cells, y }: PdfLine): string {
  const text = cells
    .join(' ')
    .replace(/\d+/g, '#')
    .replace(/^[-–—.| ]*[ivxlc]+[-–—.| ]*$/i, '#');
  return `${Math.round(y / PLACE_POINTS)} ${text}`;
}
