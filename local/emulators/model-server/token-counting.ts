import { contextTooLong } from './errors.ts';
import type { ChatMessage } from './request-schemas.ts';

const TOKENS_PER_MESSAGE = 3;
const TOKENS_THAT_PRIME_THE_ANSWER = 3;
const CHARACTERS_PER_TOKEN = 4;
const noSpecialTokens = { disallowedSpecial: new Set<string>() };

type Tokenizer = typeof import('gpt-tokenizer/encoding/o200k_base');
let loading: Promise<Tokenizer> | undefined;

/** The tokenizer of the GPT-4o family; loading it takes about 150 ms once. */
export function loadTokenizer(): Promise<Tokenizer> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base');
  return loading;
}

interface TokenBudget {
  readonly limit: number;
  /** The part of the limit that is spent on other things than the text. */
  readonly spent?: number;
  /** The field of the request that an error names. */
  readonly param: string;
}

/**
 * The tokens of a text, in order.
 * @throws ModelServerError `context_length_exceeded` as soon as there are too many, without reading on.
 */
export async function tokensOf(text: string, { limit, spent = 0, param }: TokenBudget): Promise<number[]> {
  const { encodeGenerator } = await loadTokenizer();
  const tokens: number[] = [];
  for (const piece of encodeGenerator(text, noSpecialTokens)) {
    tokens.push(...piece);
    if (spent + tokens.length <= limit) continue;
    throw contextTooLong(limit, spent + Math.max(tokens.length, approximateTokens(text)), param);
  }
  return tokens;
}

/** The tokens of a conversation as OpenAI counts them, the overhead of each message included. */
export async function promptTokensOf(
  messages: readonly ChatMessage[],
  tools: string,
  limit: number,
): Promise<number[]> {
  const overhead = TOKENS_PER_MESSAGE * messages.length + TOKENS_THAT_PRIME_THE_ANSWER;
  const text = messages.map((message) => `${message.role}${messageText(message)}`).join('\n');
  const tokens = await tokensOf(text + tools, { limit, spent: overhead, param: 'messages' });
  return [...tokens, ...new Array<number>(overhead).fill(0)];
}

function messageText(message: ChatMessage): string {
  const calls = message.tool_calls ?? [];
  return message.content + calls.map((call) => call.function.name + call.function.arguments).join('');
}

/** Cuts a text after a number of tokens. */
export async function firstTokens(
  text: string,
  count: number,
): Promise<{ text: string; tokens: number; cut: boolean }> {
  const { encode, decode } = await loadTokenizer();
  const tokens = encode(text, noSpecialTokens);
  if (tokens.length <= count) return { text, tokens: tokens.length, cut: false };
  return { text: decode(tokens.slice(0, count)), tokens: count, cut: true };
}

/** A count that costs nothing, for the embedder that is there for load tests. */
export const approximateTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);
