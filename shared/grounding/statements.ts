import { sentenceSpans } from './sentence-spans.ts';

/** What a passage says in one place: a sentence, an item of a list, or a row of a table. */
export interface Statement {
  readonly text: string;
  /** Its cells belong together, and to no other row. */
  readonly isRow: boolean;
}

const NEXT_BLOCK = /\n{2,}|\n(?=[^\S\n]*(?:[-*+•–|#]|\d{1,3}[.)]))/u;
const ROW = /^\s*\|.*\|\s*$/u;
const RULE = /^[\s|:+]*-[\s|:+-]*$/u;
const POINTS_BACK = /^(?:he|she|they|it|its|this|these|those|er|sie|es|dies\p{L}*|il|elle|ils|elles|él|ella)\b/iu;
const CLAUSE_END = /[,;:]|\s(?:and|but|und|aber|jedoch|et|mais|y|pero)\s/u;

/** The statements of a passage; the rows of a table with the names of their columns. */
export function statementsOf(text: string): Statement[] {
  let header = '';
  return text.split(NEXT_BLOCK).flatMap((block, index, blocks): Statement[] => {
    if (!ROW.test(block)) {
      header = '';
      return sentencesOf(block).map((text) => ({ text, isRow: false }));
    }
    if (RULE.test(block)) return [];
    const isHeader = RULE.test(blocks[index + 1] ?? '');
    if (isHeader) header = cells(block);
    return isHeader ? [] : [{ text: `${header} ${cells(block)}`, isRow: true }];
  });
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
