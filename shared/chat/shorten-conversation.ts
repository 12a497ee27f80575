import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ChatModelMessage } from '../models/chat-model.ts';
import { TOKENS_PER_MESSAGE } from './history.ts';

const LEFT_OUT = 'This result was left out to make room.';

/** About how many tokens a conversation is, by its length. */
export function estimateConversation(messages: readonly ChatModelMessage[]): number {
  return messages.reduce((sum, message) => sum + tokensOf(message), 0);
}

function tokensOf(message: ChatModelMessage): number {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  const calling = calls.reduce((sum, call) => sum + estimateTokens(call.name + call.arguments), 0);
  return estimateTokens(message.content) + calling + TOKENS_PER_MESSAGE;
}

/**
 * Makes a conversation fit: first the oldest history goes, then the text of the oldest results of tools. Instructions, the
 * question and the calls stay. null when that leaves nothing out.
 */
export function shortenConversation(
  messages: readonly ChatModelMessage[],
  budgetTokens: number,
): ChatModelMessage[] | null {
  let excess = estimateConversation(messages) - budgetTokens;
  const question = messages.findLastIndex(({ role }) => role === 'user');
  const begin = messages.findIndex(({ role }) => role !== 'system');
  let firstKept = begin;
  while (firstKept < question && (excess > 0 || (firstKept > begin && messages[firstKept]?.role !== 'user'))) {
    excess -= tokensOf(messages[firstKept] as ChatModelMessage);
    firstKept += 1;
  }
  const kept = [...messages.slice(0, begin), ...messages.slice(firstKept)];
  const shortened = kept.map((message) => {
    if (excess <= 0 || message.role !== 'tool' || message.content.length <= LEFT_OUT.length) return message;
    const short = { ...message, content: LEFT_OUT };
    excess -= tokensOf(message) - tokensOf(short);
    return short;
  });
  const isShorter = firstKept > begin || shortened.some((message, index) => message !== kept[index]);
  return isShorter ? shortened : null;
}
