import { isStopTerm, termsOf } from './words.ts';

/** The smallest piece of a passage that can be quoted. */
export interface Sentence {
  readonly text: string;
  /** The words of its own, without what the quotation repeats from elsewhere. */
  readonly own: string;
  /** What it belongs to inside the passage: a heading, the line that leads a list in, the header of a table. */
  readonly context: string;
}

const LIST_ITEM = /^\s*(?:[-*+•–]|\(?\d{1,3}[.)]|\([a-z]\))\s+(?=\S)/;
const HEADING = /^\s*(?:#{1,6}\s+\S|=+\s*$|-{3,}\s*$|\*{3,}\s*$)/;
const TABLE_RULE = /^[\s|:+-]*-{2,}[\s|:+-]*$/;
const ABBREVIATION =
  /(?:\b(?:e\.g|i\.e|cf|etc|vs|approx|no|nos|dr|mr|mrs|ms|prof|st|art|sec|fig|max|min|incl|resp|ext)\.|\b\p{Lu}\.)\s*$/iu;
const ENDS_A_SENTENCE = /[.!?:;。！？]["'”’)\]]*\s*$/;
/** `[1]` would read as a citation of the answer. */
const FOOTNOTE_MARK = /[^\S\n]*\[(?:\d{1,3}|\^[\w-]+)\](?!\()/g;
const WRAPPED_LINE_CHARACTERS = 40;
const MAX_SENTENCE_CHARACTERS = 600;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

interface Block {
  readonly kind: 'heading' | 'item' | 'row' | 'prose';
  text: string;
}

/** What the lines so far mean for the next one. */
interface Surroundings {
  heading: string;
  leadIn: string;
  tableHeader: string[] | undefined;
}

/** Splits a passage into sentences, list items and table rows, each with what it hangs on. */
export function sentencesOf(text: string): Sentence[] {
  const around: Surroundings = { heading: '', leadIn: '', tableHeader: undefined };
  const blocks = blocksOf(text);
  const sentences = blocks.flatMap((block, index) => {
    if (block.kind === 'row') return rowSentence(cellsOf(block.text), around);
    around.tableHeader = undefined;
    if (block.kind === 'heading') return readHeading(block.text, around);
    if (block.kind === 'item') return itemSentences(block.text, around);
    return proseSentences(block.text, itemsAfter(blocks, index), around);
  });
  return sentences.filter(({ text }) => termsOf(text).some((term) => !isStopTerm(term)));
}

function readHeading(text: string, around: Surroundings): Sentence[] {
  around.heading = plain(text);
  around.leadIn = '';
  return [];
}

function rowSentence(cells: readonly string[], around: Surroundings): Sentence[] {
  const { heading, leadIn, tableHeader } = around;
  if (!tableHeader && looksLikeHeader(cells)) {
    around.tableHeader = [...cells];
    return [];
  }
  const text = tableHeader ? rowText(tableHeader, cells) : cells.filter(Boolean).join(', ');
  return [{ text, own: text, context: `${heading} ${leadIn}` }];
}

function itemSentences(text: string, { heading, leadIn }: Surroundings): Sentence[] {
  return split(text).map((own) => ({ text: `${leadIn} ${own}`.trim(), own, context: `${heading} ${leadIn}` }));
}

/** A line that leads a list in is quoted with the list. */
function proseSentences(text: string, items: readonly string[], around: Surroundings): Sentence[] {
  const parts = split(text);
  const last = parts.at(-1) ?? '';
  around.leadIn = last.endsWith(':') ? last : '';
  return parts.map((own) => ({
    text: own === around.leadIn ? shorten(`${own} ${items.map(plain).join('; ')}`.trim()) : own,
    own,
    context: around.heading,
  }));
}

function itemsAfter(blocks: readonly Block[], index: number): string[] {
  const rest = blocks.slice(index + 1);
  const end = rest.findIndex(({ kind }) => kind !== 'item');
  return rest.slice(0, end < 0 ? undefined : end).map(({ text }) => text);
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  const add = (kind: Block['kind'], line: string) => {
    const block: Block = { kind, text: line.trim() };
    blocks.push(block);
    open = kind === 'row' || kind === 'heading' ? undefined : block;
  };
  for (const line of text.replace(FOOTNOTE_MARK, '').split(/\r?\n/)) {
    if (line.trim() === '' || TABLE_RULE.test(line)) open = undefined;
    else if (isRow(line)) add('row', line);
    else if (HEADING.test(line)) add('heading', line);
    else if (LIST_ITEM.test(line)) add('item', line.replace(LIST_ITEM, ''));
    else if (open && continues(open.text, line)) open.text += ` ${line.trim()}`;
    else add('prose', line);
  }
  return blocks;
}

/** Cells are divided by pipes, tabs, or wide gaps, as in plain text that was laid out by hand. */
const CELL_BORDER = /\s*\|\s*|\t+|\s{3,}/;

const isRow = (line: string): boolean => CELL_BORDER.test(line.trim());

function continues(before: string, line: string): boolean {
  if (ENDS_A_SENTENCE.test(before) && !/^\s*\p{Ll}/u.test(line))
    return before.length >= WRAPPED_LINE_CHARACTERS && !before.endsWith(':');
  return before.split('\n').length === 1 && (before.length >= WRAPPED_LINE_CHARACTERS || /^\s*\p{Ll}/u.test(line));
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(CELL_BORDER)
    .map(plain);

const looksLikeHeader = (cells: readonly string[]): boolean =>
  cells.length > 1 && !cells.some((cell) => /\d/.test(cell));

function rowText(header: readonly string[], cells: readonly string[]): string {
  return cells
    .map((cell, index) => (cell && header[index] ? `${header[index]}: ${cell}` : cell))
    .filter(Boolean)
    .join('; ');
}

function split(text: string): string[] {
  const sentences: string[] = [];
  let open = '';
  for (const { segment } of segmenter.segment(text)) {
    open += segment;
    if (ABBREVIATION.test(open)) continue;
    sentences.push(plain(open));
    open = '';
  }
  if (open.trim()) sentences.push(plain(open));
  return sentences.filter(Boolean);
}

/** Removes markup. */
function plain(text: string): string {
  const bare = text
    .replace(/^\s*#{1,6}\s+/, '')
    .replace(/\*\*|__|`/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return shorten(bare);
}

function shorten(text: string): string {
  if (text.length <= MAX_SENTENCE_CHARACTERS) return text;
  return `${text.slice(0, text.lastIndexOf(' ', MAX_SENTENCE_CHARACTERS))}…`;
}
