import type { ChatRequest } from './request-schemas.ts';

/** How sure the model says it was of a piece of text, and of what it might have said instead. */
export interface PieceLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs: readonly Omit<PieceLogprob, 'top_logprobs'>[];
}

/** Log probabilities of pieces of text: made up, the same each time, and likelier for what was said than for what was not. */
export function logprobsOf(pieces: readonly string[], { logprobs, top_logprobs }: ChatRequest) {
  if (!logprobs) return null;
  return { content: pieces.map((piece) => logprobOf(piece, top_logprobs ?? 0)), refusal: null };
}

function logprobOf(piece: string, alternatives: number): PieceLogprob {
  const said = entry(piece, -surpriseOf(piece) / 100);
  const others = Array.from({ length: alternatives }, (_, rank) =>
    rank === 0 ? said : entry(`${piece}${rank}`, said.logprob - rank),
  );
  return { ...said, top_logprobs: others };
}

const entry = (token: string, logprob: number) => ({ token, logprob, bytes: [...Buffer.from(token)] });

/** 1 to 50, by the letters. */
function surpriseOf(piece: string): number {
  let sum = 0;
  for (const byte of Buffer.from(piece)) sum = (sum * 31 + byte) % 50;
  return sum + 1;
}
