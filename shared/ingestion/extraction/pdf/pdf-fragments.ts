/** What pdf.js says of one shown string; see its `TextItem`. */
export interface PdfTextItem {
  readonly str: string;
  readonly dir: string;
  /** `[a, b, c, d, e, f]` of the PDF text matrix, y upwards. */
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
  /** Tells fonts of the file apart, and says nothing else of them. */
  readonly fontName: string;
}

/** A stretch of text without wide gaps on one baseline, in points, y downwards, turned so that it reads rightwards. */
export interface PdfFragment {
  readonly text: string;
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  readonly size: number;
  readonly rightToLeft: boolean;
  /** Null when there are several. */
  readonly font: string | null;
}

interface Glyphs extends PdfFragment {
  readonly spaceBefore: boolean;
}

// In units of the font size: a word space is about 0.25, also when justified under 1; a column or cell starts further on.
const WORD_GAP = 0.15;
const CELL_GAP = 1.1;
const SAME_BASELINE = 0.4;
const IDEOGRAPHIC = /[\u2E80-\u9FFF\uAC00-\uD7AF\uF900-\uFAFF\uFF00-\uFFEF]/;

/** Groups a page's strings by their rotation, the commonest first, and joins them into fragments. */
export function toFragments(items: readonly PdfTextItem[]): PdfFragment[][] {
  const byAngle = new Map<number, Glyphs[]>();
  let spaceBefore = false;
  for (const item of items) {
    if (item.str.trim() === '') {
      spaceBefore ||= item.str !== '';
      continue;
    }
    const [a = 1, b = 0] = item.transform;
    const angle = Math.round((Math.atan2(b, a) * 180) / Math.PI);
    const group = byAngle.get(angle) ?? [];
    byAngle.set(angle, group);
    group.push({ ...place(item, (angle * Math.PI) / 180), spaceBefore });
    spaceBefore = false;
  }
  const groups = [...byAngle.values()].sort((one, other) => other.length - one.length);
  return groups.map((glyphs) => toRows(glyphs).flatMap(joinRow));
}

function place({ str, dir, transform, width, height, fontName }: PdfTextItem, angle: number): PdfFragment {
  const [, , c = 0, d = 0, e = 0, f = 0] = transform;
  const size = Math.hypot(c, d) || height || 1;
  const x0 = e * Math.cos(angle) + f * Math.sin(angle);
  const y = e * Math.sin(angle) - f * Math.cos(angle);
  return { text: str, x0, x1: x0 + width, y, size, rightToLeft: dir === 'rtl', font: fontName };
}

/** Gathers what stands on the same baseline, rows from top to bottom, each from left to right. */
export function toRows<T extends PdfFragment>(fragments: readonly T[]): T[][] {
  const sorted = [...fragments].sort((one, other) => one.y - other.y);
  const rows: T[][] = [];
  let anchor: T | undefined;
  for (const fragment of sorted) {
    const row = rows.at(-1);
    if (row && anchor && fragment.y - anchor.y <= SAME_BASELINE * Math.max(anchor.size, fragment.size)) {
      row.push(fragment);
      if (fragment.size > anchor.size) anchor = fragment;
    } else {
      rows.push([fragment]);
      anchor = fragment;
    }
  }
  return rows.map((row) => row.sort((one, other) => one.x0 - other.x0));
}

function joinRow(row: readonly Glyphs[]): PdfFragment[] {
  const fragments: PdfFragment[] = [];
  for (const glyphs of row) {
    const previous = fragments.at(-1);
    const gap = previous ? glyphs.x0 - previous.x1 : 0;
    if (previous && gap <= CELL_GAP * Math.max(previous.size, glyphs.size)) {
      if (isShadow(previous, glyphs)) continue;
      fragments[fragments.length - 1] = join(previous, glyphs, gap);
    } else fragments.push(glyphs);
  }
  return fragments;
}

// Some programs make bold letters by showing the same text twice, a hair apart.
function isShadow(previous: PdfFragment, glyphs: Glyphs): boolean {
  return previous.text.endsWith(glyphs.text) && Math.abs(previous.x1 - glyphs.x1) < 0.1 * glyphs.size;
}

function join(previous: PdfFragment, glyphs: Glyphs, gap: number): PdfFragment {
  const rightToLeft = previous.rightToLeft || glyphs.rightToLeft;
  const [first, second] = rightToLeft ? [glyphs, previous] : [previous, glyphs];
  const glue = needsSpace(first.text, second.text, gap / glyphs.size, glyphs.spaceBefore) ? ' ' : '';
  return {
    text: first.text + glue + second.text,
    x0: previous.x0,
    x1: Math.max(previous.x1, glyphs.x1),
    y: previous.size >= glyphs.size ? previous.y : glyphs.y,
    size: Math.max(previous.size, glyphs.size),
    rightToLeft,
    font: previous.font === glyphs.font ? previous.font : null,
  };
}

function needsSpace(first: string, second: string, gap: number, spaceBefore: boolean): boolean {
  if (first.endsWith(' ') || second.startsWith(' ')) return false;
  const ideographic = IDEOGRAPHIC.test(first.slice(-1)) && IDEOGRAPHIC.test(second.slice(0, 1));
  return spaceBefore || gap > (ideographic ? 1 : WORD_GAP);
}
