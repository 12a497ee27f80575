import type { Message } from '../contracts/sessions.ts';
import type { Passage } from '../knowledge/passage.ts';
import { passagesToRead } from '../knowledge/passages-to-read.ts';
import type { ChatModelMessage } from '../models/chat-model.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import { passageBlock } from '../prompts/passage-block.ts';
import { type PromptOptions, promptVersion, systemMessage } from '../prompts/system-message.ts';
import { TOKENS_PER_MESSAGE, trimHistory } from './history.ts';

export interface PromptParts {
  /** Best first; null when nothing was searched. */
  readonly passages: readonly Passage[] | null;
  readonly history: readonly Pick<Message, 'role' | 'text'>[];
  readonly question: string;
  /** What the tenant adds, and whether there are tools. */
  readonly options: PromptOptions;
}

export interface FittedPrompt {
  readonly instructions: ChatModelMessage;
  /** Of the instructions, such as `grounded@1`. */
  readonly version: string;
  /** History and question. */
  readonly conversation: readonly ChatModelMessage[];
  /** Those in the prompt, in the order of their numbers, with as much of their surroundings as the model sees. */
  readonly passages: readonly Passage[];
  /** Some of the history did not fit. */
  readonly isHistoryTrimmed: boolean;
  /** Some history or passages did not fit, or not even the question does. */
  readonly isTooLong: boolean;
}

/**
 * Builds a prompt of at most `budgetTokens`: the question whole, then the best passages, then what surrounds them, then the
 * newest history.
 */
export async function fitPrompt(
  parts: PromptParts,
  budgetTokens: number,
  loadTokenizer: () => Promise<TokenCounter>,
): Promise<FittedPrompt> {
  const count = await counterFor(parts, budgetTokens, loadTokenizer);
  const cost = (text: string) => count(text) + TOKENS_PER_MESSAGE;
  const room = budgetTokens - cost(systemMessage(parts.passages && [], parts.options).content) - cost(parts.question);
  const sizeOf = (passage: Passage, number: number) => cost(passageBlock(passage, number));
  const { chosen, roomLeft, areAllRead } = passagesToRead(parts.passages ?? [], room, sizeOf);
  const history = trimHistory(parts.history, roomLeft, count);
  const conversation = [...history, { role: 'user' as const, content: parts.question }];
  const isHistoryTrimmed = history.length < trimHistory(parts.history, Number.POSITIVE_INFINITY, count).length;
  return {
    instructions: systemMessage(parts.passages && chosen, parts.options),
    version: promptVersion(parts.passages !== null, parts.options),
    conversation,
    passages: chosen,
    isHistoryTrimmed,
    isTooLong: isHistoryTrimmed || !areAllRead || roomLeft < 0,
  };
}

/** A token is at least one byte, so a prompt of fewer bytes than the budget fits without the tokenizer. */
async function counterFor(
  { passages, history, question, options }: PromptParts,
  budgetTokens: number,
  loadTokenizer: () => Promise<TokenCounter>,
): Promise<(text: string) => number> {
  const texts = [systemMessage(passages, options).content, question, ...history.map(({ text }) => text)];
  const separators = texts.length + (passages?.length ?? 0);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), separators * TOKENS_PER_MESSAGE);
  if (bytes <= budgetTokens) return Buffer.byteLength;
  const tokenizer = await loadTokenizer();
  return tokenizer.count;
}
