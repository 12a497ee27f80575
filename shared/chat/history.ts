import type { Message } from '../contracts/sessions.ts';
import type { ChatModelMessage } from '../models/chat-model.ts';
import type { TokenCounter } from '../models/tokenizer.ts';

/** Role, separators and the like, as the hosted models count them. */
const TOKENS_PER_MESSAGE = 4;

/** The newest messages that fit into a budget of tokens, oldest first; the first one kept is a user's. */
export async function trimHistory(
  messages: readonly Message[],
  budgetTokens: number,
  loadTokenizer: () => Promise<TokenCounter>,
): Promise<ChatModelMessage[]> {
  const count = await counterFor(messages, budgetTokens, loadTokenizer);
  const kept: Message[] = [];
  let used = 0;
  for (const message of messages.toReversed()) {
    used += count(message.text) + TOKENS_PER_MESSAGE;
    if (used > budgetTokens) break;
    kept.unshift(message);
  }
  const firstQuestion = kept.findIndex((message) => message.role === 'user');
  return firstQuestion < 0 ? [] : kept.slice(firstQuestion).map(({ role, text }) => ({ role, content: text }));
}

/** A token is at least one byte, so a history of fewer bytes than the budget fits without counting. */
async function counterFor(
  messages: readonly Message[],
  budgetTokens: number,
  loadTokenizer: () => Promise<TokenCounter>,
): Promise<(text: string) => number> {
  const bytes = messages.reduce((sum, { text }) => sum + Buffer.byteLength(text) + TOKENS_PER_MESSAGE, 0);
  if (bytes <= budgetTokens) return Buffer.byteLength;
  const tokenizer = await loadTokenizer();
  return (text) => tokenizer.count(text);
}
