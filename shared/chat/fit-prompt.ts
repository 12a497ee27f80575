import type { Message } from '../contracts/sessions.ts';
import type { Passage } from '../knowledge/retrieval.ts';
import type { ChatModelMessage } from '../models/chat-model.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import { TOKENS_PER_MESSAGE, trimHistory } from './history.ts';
import { passageBlock, systemMessage } from './prompt.ts';

export interface PromptParts {
  /** Best first; null when nothing was searched. */
  readonly passages: readonly Passage[] | null;
  readonly history: readonly Pick<Message, 'role' | 'text'>[];
  readonly question: string;
}

export interface FittedPrompt {
  readonly messages: readonly ChatModelMessage[];
  /** Those in the prompt, in the order of their numbers. */
  readonly passages: readonly Passage[];
}

/** Builds a prompt of at most `budgetTokens`: the question whole, then the best passages, then the newest history. */
export async function fitPrompt(
  parts: PromptParts,
  budgetTokens: number,
  loadTokenizer: () => Promise<TokenCounter>,
): Promise<FittedPrompt> {
  const count = await counterFor(parts, budgetTokens, loadTokenizer);
  const cost = (text: string) => count(text) + TOKENS_PER_MESSAGE;
  const instructions = systemMessage(parts.passages && []).content;
  let room = budgetTokens - cost(instructions) - cost(parts.question);

  const passages: Passage[] = [];
  for (const [index, passage] of (parts.passages ?? []).entries()) {
    const size = cost(passageBlock(passage, index + 1));
    if (size > room) break;
    passages.push(passage);
    room -= size;
  }
  const messages = [
    systemMessage(parts.passages && passages),
    ...trimHistory(parts.history, room, count),
    { role: 'user' as const, content: parts.question },
  ];
  return { messages, passages };
}

/** A token is at least one byte, so a prompt of fewer bytes than the budget fits without the tokenizer. */
async function counterFor(
  { passages, history, question }: PromptParts,
  budgetTokens: number,
  loadTokenizer: () => Promise<TokenCounter>,
): Promise<(text: string) => number> {
  const texts = [systemMessage(passages).content, question, ...history.map(({ text }) => text)];
  const separators = texts.length + (passages?.length ?? 0);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), separators * TOKENS_PER_MESSAGE);
  if (bytes <= budgetTokens) return Buffer.byteLength;
  const tokenizer = await loadTokenizer();
  return tokenizer.count;
}
