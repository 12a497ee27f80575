import type { ChatMessage } from './request-schemas.ts';
import { isStopTerm, isWeakTerm, termOf, wordsOf } from './words.ts';

const TITLE_WORDS = 6;
const FOLLOW_UP_WORDS = 8;
const CONTINUES = /^\W*(?:and|or|but|also|what about|how about|what if|why|since when)\b/i;
const POINTS_BACK =
  /\b(?:it|its|they|them|their|this|these|those|he|him|his|she|her|there|the same)\b|\bthat\b(?=\W*$|\s+(?:one|too|apply|also))/i;
const SPEAKER = /^(user|assistant)\s*:\s*/i;

/** A title of at most six words, taken from what the user wrote. */
export function titleOf(text: string): string {
  const words = wordsOf(text.slice(0, 1000));
  const main = words.filter((word) => !isStopTerm(termOf(word)));
  const chosen = (main.length > 0 ? main : words).slice(0, TITLE_WORDS).join(' ');
  return chosen.charAt(0).toUpperCase() + chosen.slice(1) || 'New conversation';
}

/** The last question, with the main words of the one before when it cannot be understood alone. */
export function standaloneQuestion(messages: readonly ChatMessage[]): string {
  const { last, before } = lastQuestions(messages);
  if (!isFollowUp(last)) return last;
  const known = new Set(wordsOf(last).map(termOf));
  const added = mainWords(before).filter((word) => !known.has(termOf(word)));
  if (added.length === 0) return last;
  const [, question = last, end = ''] = /^(.*?)([?.!\s]*)$/s.exec(last) ?? [];
  return `${question} (${added.join(', ')})${end.trim()}`;
}

/** Whether a question needs the one before it, as `And in Zurich?` does. */
export function isFollowUp(question: string): boolean {
  const words = wordsOf(question);
  if (mainWords(question).length === 0) return words.length <= FOLLOW_UP_WORDS;
  return words.length <= FOLLOW_UP_WORDS && (CONTINUES.test(question) || POINTS_BACK.test(question));
}

function mainWords(text: string): string[] {
  const words = wordsOf(text).filter((word) => !isStopTerm(termOf(word)) && !isWeakTerm(termOf(word)));
  return [...new Map(words.map((word) => [termOf(word), word])).values()];
}

/** The conversation may come as messages, or as one message with a line for each turn. */
function lastQuestions(messages: readonly ChatMessage[]): { last: string; before: string } {
  const questions = messages.filter(({ role }) => role === 'user').flatMap(({ content }) => userTurns(content));
  return { last: questions.at(-1) ?? '', before: questions.at(-2) ?? '' };
}

function userTurns(content: string): string[] {
  const lines = content.split('\n').map((line) => line.trim());
  const turns = lines.filter((line) => /^user\s*:/i.test(line)).map((line) => line.replace(SPEAKER, ''));
  return turns.length > 0 ? turns : [content.trim()];
}
