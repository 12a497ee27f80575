import { AppError } from '../errors.ts';

/** What a knowledge base is asked: the last thing that the user said, and what was said before. */
export interface Conversation {
  readonly question: string;
  readonly history: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
}

interface Message {
  readonly role?: unknown;
  readonly content?: unknown;
}

/** As in the platform's own chat: more does not fit into a prompt, and would only be counted in vain. */
const MAX_MESSAGE_CHARACTERS = 32_000;
const MAX_HISTORY_MESSAGES = 40;

/**
 * Reads messages of the chat completions API. Instructions of the client are passed over: those of the platform hold.
 * @throws AppError `bad_request` when the user asks nothing, or for a message that is too long.
 */
export function conversationOf(messages: readonly unknown[]): Conversation {
  const said = messages.flatMap((message) => {
    const { role, content } = (message ?? {}) as Message;
    return role === 'user' || role === 'assistant' ? [{ role, text: textOf(content) } as const] : [];
  });
  const last = said.findLastIndex(({ role }) => role === 'user');
  const question = said[last]?.text.trim() ?? '';
  if (question === '') throw wrong('The last user message must have text, which is what the knowledge base is asked.');
  const before = said.slice(0, last).filter(({ text }) => text !== '');
  const history = before.slice(-MAX_HISTORY_MESSAGES);
  if ([...history, { text: question }].some(({ text }) => text.length > MAX_MESSAGE_CHARACTERS)) {
    throw wrong(`A knowledge base reads messages of at most ${MAX_MESSAGE_CHARACTERS} characters.`);
  }
  return { question, history };
}

/** The text of the last user message; empty when there is none. */
export function questionIn(messages: readonly unknown[]): string {
  const last = messages.findLast((message) => (message as Message | null)?.role === 'user') as Message | undefined;
  return textOf(last?.content);
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((part: { readonly text?: unknown } | null) => part?.text);
  return texts.filter((text) => typeof text === 'string').join('\n');
}

const wrong = (message: string) => new AppError('bad_request', message, { details: { param: 'messages' } });
