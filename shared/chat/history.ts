import type { Message } from '../contracts/sessions.ts';
import type { ChatModelMessage } from '../models/chat-model.ts';

/** Role, separators and the like, as the hosted models count them. */
export const TOKENS_PER_MESSAGE = 4;

/** The newest messages that fit into a budget of tokens, oldest first; the first one kept is a user's. */
export function trimHistory(
  messages: readonly Pick<Message, 'role' | 'text'>[],
  budgetTokens: number,
  count: (text: string) => number,
): ChatModelMessage[] {
  const kept: ChatModelMessage[] = [];
  let used = 0;
  for (const { role, text } of messages.toReversed()) {
    used += count(text) + TOKENS_PER_MESSAGE;
    if (used > budgetTokens) break;
    kept.unshift({ role, content: text });
  }
  const firstQuestion = kept.findIndex(({ role }) => role === 'user');
  return firstQuestion < 0 ? [] : kept.slice(firstQuestion);
}
