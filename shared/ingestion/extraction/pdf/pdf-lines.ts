import { type PdfFragment, toRows } from './pdf-fragments.ts';

/** One line of text in reading order; several cells when wide gaps divide it. */
export interface PdfLine {
  readonly cells: readonly string[];
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  readonly size: number;
  /** Null when there are several. */
  readonly font: string | null;
  /** 1-based. */
  readonly page: number;
  /** Lines of one column or band share it; a new one means that reading jumps. */
  readonly region: number;
  /** Whether it stands at another angle than most of the page, like a note along the margin. */
  readonly turned: boolean;
}

const MAX_DEPTH = 4;
const HISTOGRAM_BINS = 200;
const MARGIN_BINS = 30;
const MIN_COLUMN_LINES = 4;
// In units of the font size.
const MIN_COLUMN_WIDTH = 10;
const MIN_GUTTER = 0.8;
const MIN_FILL = 0.5;
const MAX_CROSSING_SHARE = 0.2;

/** Puts fragments in reading order: columns of prose one after the other, everything else row by row. */
export function toLines(fragments: readonly PdfFragment[], page: number): Omit<PdfLine, 'turned'>[] {
  return regions(fragments, 0).flatMap((region, index) => toRows(region).map((row) => toLine(row, page, index)));
}

function regions(fragments: readonly PdfFragment[], depth: number): PdfFragment[][] {
  const gutter = depth < MAX_DEPTH ? findGutter(fragments) : null;
  if (gutter === null) return fragments.length > 0 ? [[...fragments]] : [];
  const result: PdfFragment[][] = [];
  let band: PdfFragment[] = [];
  const endBand = () => {
    const sides = [band.filter(({ x1 }) => x1 <= gutter), band.filter(({ x1 }) => x1 > gutter)];
    if (band.some(({ rightToLeft }) => rightToLeft)) sides.reverse();
    result.push(...sides.flatMap((side) => regions(side, depth + 1)));
    band = [];
  };
  for (const row of toRows(fragments)) {
    if (row.some((fragment) => crosses(fragment, gutter))) {
      endBand();
      const last = result.at(-1);
      if (last?.some((fragment) => crosses(fragment, gutter))) last.push(...row);
      else result.push([...row]);
    } else band.push(...row);
  }
  endBand();
  return result;
}

function crosses({ x0, x1 }: PdfFragment, x: number): boolean {
  return x0 < x && x1 > x;
}

/** The x of a white stripe between two columns of prose, or null. */
function findGutter(fragments: readonly PdfFragment[]): number | null {
  if (fragments.length < 2 * MIN_COLUMN_LINES) return null;
  const left = Math.min(...fragments.map(({ x0 }) => x0));
  const right = Math.max(...fragments.map(({ x1 }) => x1));
  const stripe = widestStripe(coverage(fragments, left, right), fragments.length * MAX_CROSSING_SHARE);
  if (stripe === null) return null;
  const binWidth = (right - left) / HISTOGRAM_BINS;
  const x = left + ((stripe.from + stripe.to) / 2) * binWidth;
  const wide = (stripe.to - stripe.from) * binWidth >= MIN_GUTTER * median(fragments.map(({ size }) => size));
  const sides = [fragments.filter(({ x1 }) => x1 <= x), fragments.filter(({ x0 }) => x0 >= x)];
  return wide && sides.every(isProse) ? x : null;
}

function coverage(fragments: readonly PdfFragment[], left: number, right: number): Uint32Array {
  const bins = new Uint32Array(HISTOGRAM_BINS);
  const scale = HISTOGRAM_BINS / Math.max(1, right - left);
  for (const { x0, x1 } of fragments) {
    const last = Math.min(HISTOGRAM_BINS - 1, Math.floor((x1 - left) * scale));
    for (let bin = Math.max(0, Math.floor((x0 - left) * scale)); bin <= last; bin += 1)
      bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return bins;
}

function widestStripe(bins: Uint32Array, mostCrossing: number): { from: number; to: number } | null {
  let best: { from: number; to: number } | null = null;
  let from = MARGIN_BINS;
  for (let bin = MARGIN_BINS; bin <= HISTOGRAM_BINS - MARGIN_BINS; bin += 1) {
    if ((bins[bin] ?? 0) <= mostCrossing && bin < HISTOGRAM_BINS - MARGIN_BINS) continue;
    if (bin > from && (best === null || bin - from > best.to - best.from)) best = { from, to: bin };
    from = bin + 1;
  }
  return best;
}

// Cells of a table are short for their column, lines of prose fill it.
function isProse(side: readonly PdfFragment[]): boolean {
  if (side.length < MIN_COLUMN_LINES) return false;
  const width = Math.max(...side.map(({ x1 }) => x1)) - Math.min(...side.map(({ x0 }) => x0));
  const wide = width >= MIN_COLUMN_WIDTH * median(side.map(({ size }) => size));
  return wide && median(side.map(({ x0, x1 }) => x1 - x0)) >= MIN_FILL * width;
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function toLine(row: readonly PdfFragment[], page: number, region: number): Omit<PdfLine, 'turned'> {
  const rightToLeft = row.filter((fragment) => fragment.rightToLeft).length * 2 > row.length;
  const ordered = rightToLeft ? [...row].reverse() : row;
  const largest = row.reduce((best, fragment) => (fragment.text.length > best.text.length ? fragment : best));
  return {
    cells: ordered.map(({ text }) => text.replace(/\s+/g, ' ').trim()),
    x0: Math.min(...row.map(({ x0 }) => x0)),
    x1: Math.max(...row.map(({ x1 }) => x1)),
    y: largest.y,
    size: largest.size,
    font: row.every(({ font }) => font === largest.font) ? largest.font : null,
    page,
    region,
  };
}
