import type { ExtractedBlock, ExtractedDocument } from '../extraction/extracted-document.ts';
import type { Surroundings } from './chunk.ts';
import type { Piece } from './piece.ts';
import type { Span } from './spans.ts';

/** Positions of pieces, both inclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

export interface SurroundingsOptions {
  /** Of the whole document, in order. */
  readonly pieces: readonly Piece[];
  readonly paths: ReadonlyMap<ExtractedBlock, readonly string[]>;
  readonly surroundingTokens: number;
}

/**
 * Finds the text around a chunk: whole blocks, and sentences or lines of those that are longer than a chunk, on both
 * sides in turn; first of its own section, then of the document, as far as all has at most `surroundingTokens`. No row
 * of a table is cut, another table is not begun in its middle, and no heading ends it. null when there is nothing to add.
 */
export function createSurroundings(
  { text }: ExtractedDocument,
  { pieces, paths, surroundingTokens }: SurroundingsOptions,
): (chunk: Span) => Surroundings | null {
  const before = runningTotals(pieces);
  const sections = sectionsOf(pieces, paths);
  const whole: Range = { from: 0, to: pieces.length - 1 };

  function tokensOf({ from, to }: Range): number {
    return (pieces[from]?.tokensFirst ?? 0) + (before[to + 1] ?? 0) - (before[from + 1] ?? 0);
  }

  function grow(start: Range, within: Range): Range {
    const added = ({ from, to }: Range) => (before[to] ?? 0) - (before[from] ?? 0);
    const fits = (next: Range) =>
      next.from >= within.from && next.to <= within.to && tokensOf(next) <= surroundingTokens;
    let range = start;
    for (;;) {
      const back = { ...range, from: range.from - 1 };
      const on = { ...range, to: range.to + 1 };
      const addedAfter = added({ from: start.to + 1, to: range.to + 1 });
      const isBehind = addedAfter > added({ from: range.from, to: start.from });
      const next = (isBehind ? [back, on] : [on, back]).find(fits);
      if (!next) return range;
      range = next;
    }
  }

  return (chunk) => {
    const touched = touchedBy(pieces, chunk);
    if (tokensOf(touched) > surroundingTokens) return null;
    const section = { from: sections[touched.from]?.from ?? 0, to: sections[touched.to]?.to ?? 0 };
    const { from, to } = withWholeEdges(pieces, grow(grow(touched, section), whole), touched);
    const start = Math.min(chunk.start, pieces[from]?.start ?? chunk.start);
    const end = Math.max(chunk.end, pieces[to]?.end ?? chunk.end);
    if (start === chunk.start && end === chunk.end) return null;
    return { text: text.slice(start, end), start, end };
  };
}

/** For each position, and one past the last, the tokens of all pieces before it. */
function runningTotals(pieces: readonly Piece[]): Float64Array {
  const totals = new Float64Array(pieces.length + 1);
  for (const [index, { tokens }] of pieces.entries()) totals[index + 1] = (totals[index] ?? 0) + tokens;
  return totals;
}

/** For each piece the range of its section: what stands under the same headings without a break. */
function sectionsOf(pieces: readonly Piece[], paths: ReadonlyMap<ExtractedBlock, readonly string[]>): Range[] {
  const sections: { from: number; to: number }[] = [];
  for (const [index, { block }] of pieces.entries()) {
    const previous = pieces[index - 1];
    const open = sections[index - 1];
    const goesOn = open && previous && paths.get(previous.block) === paths.get(block);
    const section = goesOn ? open : { from: index, to: index };
    section.to = index;
    sections.push(section);
  }
  return sections;
}

function touchedBy(pieces: readonly Piece[], { start, end }: Span): Range {
  const from = firstWhere(pieces, (piece) => piece.end > start);
  return {
    from,
    to: Math.max(
      from,
      firstWhere(pieces, (piece) => piece.end >= end),
    ),
  };
}

/** The first piece from which on all are so. */
function firstWhere(pieces: readonly Piece[], isSo: (piece: Piece) => boolean): number {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(pieces[middle] as Piece)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Gives up what was added of a cut row, of a table whose beginning is not there, and headings without what they head. */
function withWholeEdges(pieces: readonly Piece[], range: Range, touched: Range): Range {
  const isRow = (index: number) => pieces[index]?.block.kind === 'table-row';
  const isCutAfter = (index: number) => isRow(index) && pieces[index]?.block === pieces[index + 1]?.block;
  let { from, to } = range;
  while (from < touched.from && isCutAfter(from - 1)) from += 1;
  if (isRow(from) && isRow(from - 1)) {
    const end = firstNotRow(isRow, from);
    if (end <= touched.from) from = end;
  }
  while (to > touched.to && isCutAfter(to)) to -= 1;
  while (to > touched.to && pieces[to]?.block.kind === 'heading') to -= 1;
  return { from, to };
}

function firstNotRow(isRow: (index: number) => boolean, from: number): number {
  let index = from;
  while (isRow(index)) index += 1;
  return index;
}
