import { isStopTerm, isWeakTerm, termOf, wordsOf } from './words.ts';

/** A word of a question and what it is worth in an answer. */
interface QuestionTerm {
  readonly term: string;
  /** From 0 to 1, before the rarity of the word counts. */
  readonly importance: number;
  /** An answer without it is about something else: a name, a year, a code. */
  readonly required: boolean;
}

export interface Question {
  readonly terms: readonly QuestionTerm[];
  /** What kind of fact an answer must hold. */
  readonly asksFor: 'quantity' | 'time' | 'anything';
  /** It wants an overview instead of a fact. */
  readonly overview: boolean;
}

const WEAK_IMPORTANCE = 0.2;
const EARLIER_IMPORTANCE = 0.3;
const QUANTITY = /\bhow\s+(?:many|much|long|old|often|far)\b/i;
const TIME =
  /^\W*(?:and\s+|so\s+)?(?:(?:by|until|since|from)\s+)?(?:when\b(?!\s+(?:I|we|you|my|our|the\s[^?]*,))|what\s+(?:date|time|day)\b)/i;
const OVERVIEW = /\b(?:summar\w+|overview|outline|gist)\b|\bwhat\b.*\b(?:documents?|passages?|texts?)\b.*\babout\b/i;
const OVERVIEW_TERMS = new Set('summarise summarize summary summaries overview outline gist'.split(' ').map(termOf));
const COUNTED = /\bhow\s+many\s+([\p{L}-]+)/iu;
const MEASURES = new Set(
  'days weeks months years hours minutes seconds times euros dollars cents percent'.split(' ').map(termOf),
);
const UNIT =
  /^(?:%|percent|euros?|eur|€|usd|dollars?|\$|people|persons?|employees?|days?|weeks?|months?|years?|hours?|minutes?|seconds?|km|kg|gb|mb|°?c|working)$/i;
const CODE = /^(?=.*\p{L})(?=.*\p{N})/u;

/** Reads what a question asks for. Words of the question before it help to find an answer, but need not be in it. */
export function readQuestion(text: string, earlier = ''): Question {
  const overview = OVERVIEW.test(text);
  const terms = new Map<string, QuestionTerm>();
  for (const next of termsOfQuestion(text)) {
    if (overview && (isWeakTerm(next.term) || OVERVIEW_TERMS.has(next.term))) continue;
    terms.set(next.term, { ...next, required: next.required || terms.get(next.term)?.required === true });
  }
  for (const term of wordsOf(earlier).map(termOf)) {
    if (isStopTerm(term) || isWeakTerm(term) || terms.has(term)) continue;
    terms.set(term, { term, importance: EARLIER_IMPORTANCE, required: false });
  }
  return { terms: [...terms.values()], asksFor: factAskedFor(text), overview };
}

function termsOfQuestion(text: string): QuestionTerm[] {
  const words = wordsOf(text);
  const shouted = words.filter(startsUpper).length > words.length / 2;
  const counted = termOf(COUNTED.exec(text)?.[1] ?? '');
  return words.flatMap((word, index) => {
    const term = termOf(word);
    if (isStopTerm(term)) return [];
    const weak = isWeakTerm(term);
    const isCounted = weak && term === counted && !MEASURES.has(term);
    const required = isCounted || isRequired(word, words[index + 1], index > 0 && !shouted && !weak);
    return [{ term, importance: weak && !required ? WEAK_IMPORTANCE : 1, required }];
  });
}

const startsUpper = (word: string): boolean => /^\p{Lu}/u.test(word);

function isRequired(word: string, next: string | undefined, nameCounts: boolean): boolean {
  if (CODE.test(word)) return true;
  if (/^\p{N}/u.test(word)) return !UNIT.test(next ?? '');
  return nameCounts && startsUpper(word) && word.length > 1;
}

function factAskedFor(text: string): Question['asksFor'] {
  if (QUANTITY.test(text)) return 'quantity';
  return TIME.test(text) ? 'time' : 'anything';
}

const NUMBER_WORD =
  /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred|thousand)\b/i;
const QUANTITY_WORD =
  /\b(?:unlimited|no limit|half|quarter|full|double|free|none|nothing|never|once|twice|daily|weekly|monthly|quarterly|yearly|annually|annual|every|until|indefinitely|permanently|forever)\b/i;
const TIME_WORD =
  /\b(?:january|february|march|april|may|june|july|august|september|october|november|december|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|before|after|until|within|by the|during|daily|weekly|monthly|quarterly|yearly|annually|every|immediately|at once|end of|beginning of|start of|days?|weeks?|months?|morning|noon|evening|night)\b/i;

/** Whether a sentence holds the kind of fact that the question wants. */
export function holdsFact(sentence: string, asksFor: Question['asksFor']): boolean {
  if (asksFor === 'anything') return true;
  if (/\d/.test(sentence) || NUMBER_WORD.test(sentence)) return true;
  return asksFor === 'quantity' ? QUANTITY_WORD.test(sentence) : TIME_WORD.test(sentence);
}
