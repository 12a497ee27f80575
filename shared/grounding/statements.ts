import { sentenceSpans } from './sentence-spans.ts';

/** What a passage says in one place: a sentence, an item of a list, or a row of a table. */
export interface Statement {
  readonly text: string;
  /** Its cells belong together, and to no other row. */
  readonly isRow: boolean;
}

const NEXT_BLOCK = /\n{2,}|\n(?=[^\S\n]*(?:[-*+•–|#]|\d{1,3}[.)])|[^\n|]*\S \| )/u;
const ROW = /^\s*\|.*\|\s*$/u;
/** As our own extraction writes rows: `Paris | 90 euros`. */
const BARE_ROW = /^[^\n|]*\S \| [^\n]*$/u;
const RULE = /^[\s|:+]*-[\s|:+-]*$/u;
const POINTS_BACK = /^(?:he|she|they|it|its|this|these|those|er|sie|es|dies\p{L}*|il|elle|ils|elles|él|ella)\b/iu;
const CLAUSE_END = /[,;:]|\s(?:and|but|und|aber|jedoch|et|mais|y|pero)\s/u;

/** The statements of a passage; the rows of a table with the names of their columns. */
export function statementsOf(text: string): Statement[] {
  let header = '';
  return text.split(NEXT_BLOCK).flatMap((block, index, blocks): Statement[] => {
    if (RULE.test(block)) return [];
    const isHeader = headsTable(block, blocks[index - 1], blocks[index + 1]);
    const isRow = ROW.test(block) || BARE_ROW.test(block);
    if (!isRow) header = '';
    if (!isRow) return sentencesOf(block).map((text) => ({ text, isRow: false }));
    const row = { text: `${isHeader ? '' : header} ${cells(block)}`.trim(), isRow: true };
    if (isHeader) header = cells(block);
    return isHeader && ROW.test(block) ? [] : [row];
  });
}

/** A row above a rule does, and the first of bare ones unless it has figures: those would be taken for the others' too. */
function headsTable(block: string, previous = '', next = ''): boolean {
  if (ROW.test(block)) return RULE.test(next);
  return BARE_ROW.test(block) && !BARE_ROW.test(previous) && !/\d/.test(block);
}

/** A sentence that points back is understood with the one before it. */
function sentencesOf(block: string): string[] {
  const sentences = sentenceSpans(block).map(({ start, end }) => block.slice(start, end));
  return sentences.map((text, index) => (POINTS_BACK.test(text) ? `${sentences[index - 1] ?? ''} ${text}` : text));
}

/** `Allowed at home, but not abroad` says two things. */
export const clausesOf = (sentence: string): string[] =>
  sentence.split(CLAUSE_END).filter((clause) => clause.trim() !== '');

const cells = (row: string) => row.replaceAll('|', ' ').replaceAll(/\s+/g, ' ').trim();
