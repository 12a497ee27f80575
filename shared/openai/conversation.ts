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

const MAX_QUESTION_CHARACTERS = 32_000;

/**
 * Reads messages of the chat completions API. Instructions of the client are passed over: those of the platform hold.
 * @throws AppError `bad_request` when the user asks nothing, or for too long a question.
 */
export function conversationOf(messages: readonly unknown[]): Conversation {
  const said = messages.flatMap((message) => {
    const { role, content } = (message ?? {}) as Message;
    return role === 'user' || role === 'assistant' ? [{ role, text: textOf(content) } as const] : [];
  });
  const last = said.findLastIndex(({ role }) => role === 'user');
  const question = said[last]?.text.trim() ?? '';
  if (question === '') throw wrong('The last user message must have text, which is what the knowledge base is asked.');
  if (question.length > MAX_QUESTION_CHARACTERS) {
    throw wrong(`A knowledge base can be asked at most ${MAX_QUESTION_CHARACTERS} characters.`);
  }
  return { question, history: said.slice(0, last).filter(({ text }) => text !== '') };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const texts = content.map((part: { readonly text?: unknown } | null) => part?.text);
  return texts.filter((text) => typeof text === 'string').join('\n');
}

const wrong = (message: string) => new AppError('bad_request', message, { details: { param: 'messages' } });
