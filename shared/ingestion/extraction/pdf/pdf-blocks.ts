import type { RawBlock } from '../document-builder.ts';
import { bodyOf, looksLikeHeading, type PdfBody } from './pdf-headings.ts';
import type { PdfLine } from './pdf-lines.ts';
import type { OutlineHeadings } from './pdf-outline.ts';

interface Draft {
  readonly kind: RawBlock['kind'];
  readonly lines: PdfLine[];
  /** Of a heading that a bookmark names. */
  readonly level?: number;
}

const MAX_HEADING_LEVEL = 6;
const SURELY_CELLS = 3;
const PARAGRAPH_GAP = 1.3;
const LONGEST_LEADING = 2.2;
const SIZE_CHANGE = 0.1;
const BULLET = /^(?:[•◦▪‣●○■□–*·]|-|\(?(?:\d{1,3}|[a-z])[.)])\s+\S/;
const SENTENCE_END = /[.!?:;。！？؟][)"'’”»]*$/;
const HYPHENATED = /\p{L}[-\u2010\u00AD]$/u;

/** Makes headings, paragraphs, list items and table rows of a document's lines. */
export function toBlocks(lines: readonly PdfLine[], outline: OutlineHeadings): RawBlock[] {
  const body = bodyOf(lines);
  const compounds = hyphenatedWords(lines);
  const drafts = toDrafts(lines, medianLeading(lines), outline);
  const headings = new Set(drafts.filter((draft, index) => isHeading(draft, drafts[index + 1], body)));
  const levelOf = levelsBySize([...headings]);
  return drafts.map((draft) => {
    const page = draft.lines[0]?.page ?? 1;
    if (draft.kind === 'table-row') return { kind: 'table-row', text: draft.lines[0]?.cells.join(' | ') ?? '', page };
    const text = joinLines(draft.lines.map(lineText), compounds);
    if (!headings.has(draft)) return { kind: draft.kind, text, page };
    return { kind: 'heading', text, level: levelOf(draft), page };
  });
}

/** Larger letters are higher headings; where bookmarks say the level of a size, others of that size have it too. */
function levelsBySize(headings: readonly Draft[]): (heading: Draft) => number {
  const known = new Map<number, number>();
  for (const heading of headings) {
    const size = draftSize(heading);
    if (heading.level !== undefined && !known.has(size)) known.set(size, heading.level);
  }
  const sizes = [...new Set(headings.map(draftSize))].sort((one, other) => other - one);
  return (heading) =>
    heading.level ??
    known.get(draftSize(heading)) ??
    Math.min(sizes.indexOf(draftSize(heading)) + 1, MAX_HEADING_LEVEL);
}

function lineText({ cells }: PdfLine): string {
  return cells.join(' ');
}

function draftSize({ lines }: Draft): number {
  return Math.round(lines[0]?.size ?? 0);
}

function isHeading(draft: Draft, next: Draft | undefined, body: PdfBody): boolean {
  return (
    draft.level !== undefined || (draft.kind === 'paragraph' && looksLikeHeading(draft.lines, next?.lines[0], body))
  );
}

function toDrafts(lines: readonly PdfLine[], leading: number, outline: OutlineHeadings): Draft[] {
  const drafts: Draft[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as PdfLine;
    const previous = lines[index - 1];
    const draft = drafts.at(-1);
    const heading = outline.at(lines, index);
    if (heading) {
      drafts.push({ kind: 'heading', lines: lines.slice(index, index + heading.count), level: heading.level });
      index += heading.count - 1;
    } else if (isTableRow(line, previous, lines[index + 1])) drafts.push({ kind: 'table-row', lines: [line] });
    else if (draft && previous && isRunningText(draft) && continues(previous, line, leading)) draft.lines.push(line);
    else drafts.push({ kind: BULLET.test(lineText(line)) ? 'list-item' : 'paragraph', lines: [line] });
  }
  return drafts;
}

function isRunningText({ kind }: Draft): boolean {
  return kind === 'paragraph' || kind === 'list-item';
}

// One gap may be a tab or justified text; two, or gaps in neighbouring lines, are a table.
function isTableRow(line: PdfLine, previous: PdfLine | undefined, next: PdfLine | undefined): boolean {
  if (line.cells.length < 2 || BULLET.test(`${line.cells[0]} x`)) return false;
  const together = (other: PdfLine | undefined) =>
    other !== undefined && other.cells.length > 1 && other.page === line.page && other.region === line.region;
  return line.cells.length >= SURELY_CELLS || together(previous) || together(next);
}

function continues(previous: PdfLine, line: PdfLine, leading: number): boolean {
  if (Math.abs(previous.size - line.size) > SIZE_CHANGE * previous.size || BULLET.test(lineText(line))) return false;
  if (previous.page !== line.page || previous.region !== line.region) return continuesElsewhere(previous, line);
  const step = line.y - previous.y;
  if (step <= 0 || step > Math.max(PARAGRAPH_GAP * leading * line.size, line.size * PARAGRAPH_GAP)) return false;
  const indented = line.x0 - previous.x0 > line.size && SENTENCE_END.test(lineText(previous));
  return !indented;
}

// A sentence that a column or page border cuts goes on in small letters.
function continuesElsewhere(previous: PdfLine, line: PdfLine): boolean {
  return !SENTENCE_END.test(lineText(previous)) && /^\p{Ll}/u.test(lineText(line));
}

/** The usual distance between baselines, in units of the font size. */
function medianLeading(lines: readonly PdfLine[]): number {
  const steps: number[] = [];
  lines.forEach((line, index) => {
    const previous = lines[index - 1];
    if (!previous || previous.page !== line.page || previous.region !== line.region) return;
    const step = (line.y - previous.y) / line.size;
    if (step > 0.5 && step < LONGEST_LEADING) steps.push(step);
  });
  return steps.sort((one, other) => one - other)[Math.floor(steps.length / 2)] ?? 1.2;
}

// A compound that stands somewhere inside a line keeps its hyphen when a line ends within it.
function hyphenatedWords(lines: readonly PdfLine[]): ReadonlySet<string> {
  const words = lines.flatMap((line) => lineText(line).match(/\p{L}+-\p{L}+/gu) ?? []);
  return new Set(words.map((word) => word.toLowerCase()));
}

function joinLines(lines: readonly string[], compounds: ReadonlySet<string>): string {
  return lines.reduce((text, line) => {
    if (!HYPHENATED.test(text) || !/^\p{Ll}/u.test(line)) return joinPlain(text, line);
    const first = /\p{L}+(?=[-\u2010\u00AD]$)/u.exec(text)?.[0] ?? '';
    const second = /^\p{L}+/u.exec(line)?.[0] ?? '';
    return compounds.has(`${first}-${second}`.toLowerCase()) ? text + line : text.slice(0, -1) + line;
  });
}

function joinPlain(text: string, line: string): string {
  const ideographic = /[\u3000-\u9FFF\uFF00-\uFFEF]$/.test(text) && /^[\u3000-\u9FFF\uFF00-\uFFEF]/.test(line);
  return ideographic ? text + line : `${text} ${line}`;
}
