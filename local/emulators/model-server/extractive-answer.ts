import type { Passage } from './passages.ts';
import { type Question, readQuestion } from './question.ts';
import { type Candidate, scoreSentences } from './sentence-scoring.ts';
import { sentencesOf } from './sentences.ts';
import { termsOf } from './words.ts';

export const NOT_IN_THE_DOCUMENTS = 'The documents do not say.';

const ENOUGH = 0.62;
/** A further sentence must answer nearly as well as the best one. */
const NEARLY_AS_GOOD = 0.97;
const MAX_SENTENCES = 3;
const SAME_SENTENCE_OVERLAP = 0.7;

/**
 * Answers a question with one to three sentences of the passages, each followed by the `[id]` of its passage; says that the
 * documents do not say when no sentence covers what the question is about.
 */
export function extractiveAnswer(text: string, passages: readonly Passage[], earlierQuestion = ''): string {
  const question = readQuestion(text, earlierQuestion);
  if (question.terms.length === 0) return question.overview ? overview(passages) : NOT_IN_THE_DOCUMENTS;
  const candidates = scoreSentences(question, passages).filter(({ score }) => score >= ENOUGH);
  const chosen = choose(candidates, question);
  return chosen.length === 0 ? NOT_IN_THE_DOCUMENTS : cite(chosen, passages);
}

function choose(candidates: readonly Candidate[], question: Question): Candidate[] {
  const best = [...candidates].sort((one, other) => other.rank - one.rank);
  const bar = (best[0]?.rank ?? 0) * (question.overview ? 0 : NEARLY_AS_GOOD);
  const chosen: Candidate[] = [];
  let room = MAX_SENTENCES;
  for (const candidate of best) {
    if (candidate.rank < bar || candidate.sentences.length > room) continue;
    if (chosen.some((other) => overlap(candidate, other) || repeats(candidate, other))) continue;
    chosen.push(candidate);
    room -= candidate.sentences.length;
  }
  return inDocumentOrder(chosen);
}

/** Passages stay in the order of their best sentence; sentences of one passage are read in its order. */
function inDocumentOrder(chosen: readonly Candidate[]): Candidate[] {
  const passages = [...new Set(chosen.map(({ passage }) => passage))];
  return passages.flatMap((passage) =>
    chosen.filter((candidate) => candidate.passage === passage).sort((one, other) => one.first - other.first),
  );
}

function overlap(one: Candidate, other: Candidate): boolean {
  if (one.passage !== other.passage) return false;
  return one.first < other.first + other.sentences.length && other.first < one.first + one.sentences.length;
}

function repeats(one: Candidate, other: Candidate): boolean {
  const left = new Set(termsOf(one.sentences.join(' ')));
  const right = new Set(termsOf(other.sentences.join(' ')));
  const shared = [...left].filter((term) => right.has(term)).length;
  return shared >= SAME_SENTENCE_OVERLAP * Math.min(left.size, right.size);
}

function cite(chosen: readonly Candidate[], passages: readonly Passage[]): string {
  return chosen
    .flatMap(({ passage, sentences }) => sentences.map((sentence) => `${sentence} [${passages[passage]?.id}]`))
    .join(' ');
}

function overview(passages: readonly Passage[]): string {
  const openings = passages.slice(0, MAX_SENTENCES).flatMap(({ id, text }) => {
    const [first] = sentencesOf(text);
    return first ? [`${first.text} [${id}]`] : [];
  });
  return openings.length === 0 ? NOT_IN_THE_DOCUMENTS : openings.join(' ');
}
