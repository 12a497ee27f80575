import type { ChatAnswer } from '../contracts/chat.ts';
import type { Passage } from '../knowledge/passage.ts';
import type { CacheableTurn } from './cacheable-turn.ts';
import type { CachedAnswer } from './cached-answer.ts';

const MAX_CHARACTERS = 32_000;
const MAX_PASSAGES = 64;

export interface FinishedAnswer extends Pick<ChatAnswer, 'text' | 'citations' | 'model' | 'finishReason'> {
  /** What the model took for the answer alone. */
  readonly usage: CachedAnswer['usage'];
  readonly support: CachedAnswer['support'];
  /** All that the model saw, cited or not. */
  readonly passages: readonly Pick<Passage, 'id' | 'documentId'>[];
  readonly usedTools: boolean;
  /** Of the conversation that it begins, if there is one. */
  readonly title: string | null;
}

/** Whole, from passages alone, and supported by them: the only answers that others may be given. */
export function isWorthKeeping({ isGrounded }: Pick<CacheableTurn, 'isGrounded'>, answer: FinishedAnswer): boolean {
  const isWhole = answer.finishReason === 'stop' && answer.text.trim() !== '' && answer.text.length <= MAX_CHARACTERS;
  const isSupported = isGrounded ? answer.support?.status === 'supported' && answer.citations.length > 0 : true;
  return isWhole && isSupported && !answer.usedTools && answer.passages.length <= MAX_PASSAGES;
}
