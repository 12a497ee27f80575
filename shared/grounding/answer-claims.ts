import { termsOf } from '../knowledge/lexical/english-terms.ts';
import { numbersOf } from './numbers.ts';
import { type Span, sentenceSpans } from './sentence-spans.ts';

/** A sentence of an answer that says something about the world. */
export interface Claim extends Span {
  /** Without markers and Markdown. */
  readonly text: string;
  /** The numbers that it cites, or that the line which leads its list in cites. */
  readonly citations: readonly number[];
}

const MARKER = /\[(\d{1,3})\]/gu;
const LINE = /[^\n]+/gu;
const LIST_ITEM = /^\s*(?:[-*+•–]|\d{1,3}[.)])\s+/u;
const HEADING = /^\s*#{1,6}\s/u;
const TABLE_ROW = /^\s*\|.*\|\s*(?:\[\d{1,3}\]\s*)*$/u;
const TABLE_RULE = /^[\s|:+]*-[\s|:+-]*$/u;
const MARKDOWN = /\*\*|__|`|^\s*(?:>|[-*+•–]|\d{1,3}[.)])\s+/gu;
const LEADS_IN = /:\s*$/u;
const ASKS = /\?\s*$/u;
const FEWEST_TERMS = 2;
/** What is said to the reader, not about the documents. */
const COURTESY =
  /^\W*(?:hi|hello|hey|sure|certainly|of course|thanks|thank you|you(?:'|’)?re welcome|good (?:morning|day|evening)|i hope|let me know|feel free|please (?:let me know|ask|contact)|if you (?:have|need|want)|is there anything|here (?:is|are)|hallo|guten|gerne|natürlich|bonjour|bien sûr|hola|claro)\b/iu;
/** `The documents do not say.`, in the words of several languages. */
const DECLINES =
  /\b(?:documents?|passages?|sources?|context|dokumente?n?|unterlagen|textstellen|documentos?|documenti)\b[^.]{0,200}\b(?:not|no|nothing|never|\p{L}+n['’]t|nicht|nichts|kein\p{L}*|pas|rien|aucune?|nada|non)(?!\p{L})|^\W*(?:i (?:do not|don['’]t) know|i (?:could not|couldn['’]t|cannot|can['’]t) (?:find|answer|say)|there is no information|ich weiß (?:es )?nicht|je ne sais pas)/iu;

/** The claims of an answer, in order. Headings, the heads of tables, questions, courtesies and refusals claim nothing. */
export function claimsOf(answer: string): Claim[] {
  const lines = [...answer.matchAll(LINE)].map(({ 0: text, index }) => ({ text, start: index }));
  let ledBy: readonly number[] = [];
  return lines.flatMap(({ text, start }, index) => {
    const isItem = LIST_ITEM.test(text) || TABLE_ROW.test(text);
    if (!isItem) ledBy = LEADS_IN.test(withoutMarkers(text)) ? markersOf(text) : [];
    if (HEADING.test(text) || isTableFrame(text, lines[index + 1]?.text)) return [];
    const spans = TABLE_ROW.test(text) ? [{ start: 0, end: text.length }] : sentenceSpans(text);
    return spans.flatMap((span) => {
      const sentence = text.slice(span.start, span.end);
      const own = markersOf(sentence);
      if (!isClaim(sentence, own.length > 0)) return [];
      const citations = own.length > 0 || !isItem ? own : ledBy;
      return [{ start: start + span.start, end: start + span.end, text: plain(sentence), citations }];
    });
  });
}

function isClaim(sentence: string, isCited: boolean): boolean {
  const text = plain(sentence);
  if (isCited) return termsOf(text).length > 0;
  if (ASKS.test(text) || LEADS_IN.test(text) || COURTESY.test(text) || DECLINES.test(text)) return false;
  return termsOf(text).length >= FEWEST_TERMS || numbersOf(text).length > 0;
}

function isTableFrame(line: string, next: string | undefined): boolean {
  if (TABLE_RULE.test(line)) return true;
  return TABLE_ROW.test(line) && TABLE_RULE.test(next ?? '');
}

const markersOf = (text: string) => [...new Set([...text.matchAll(MARKER)].map(([, number]) => Number(number)))];
const withoutMarkers = (text: string) => text.replaceAll(MARKER, '');

function plain(sentence: string): string {
  return withoutMarkers(sentence)
    .replaceAll(MARKDOWN, '')
    .replaceAll('|', ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\s+([.,;:!?])/g, '$1')
    .trim();
}
