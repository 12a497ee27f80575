import type { ChatTurn } from '../contracts/chat.ts';
import type { SessionId } from '../contracts/identifiers.ts';
import type { Message, Session } from '../contracts/sessions.ts';

const FIRST_TITLE_CHARACTERS = 60;

/** The session that a first question begins. */
export function newSession(id: SessionId, turn: ChatTurn, at: string): Session {
  const isLong = turn.message.length > FIRST_TITLE_CHARACTERS;
  return {
    id,
    title: isLong ? `${turn.message.slice(0, FIRST_TITLE_CHARACTERS).trimEnd()}…` : turn.message,
    knowledgeBaseIds: turn.knowledgeBaseIds ?? null,
    model: turn.model ?? null,
    messageCount: 0,
    createdAt: at,
    updatedAt: at,
  };
}

/** A question as it is saved. */
export function questionMessage(facts: Pick<Message, 'id' | 'sessionId' | 'runId' | 'text'> & { at: string }): Message {
  const { at, ...message } = facts;
  const none = { citations: [], model: null, finishReason: null, usage: null, feedback: null };
  return { ...message, role: 'user', createdAt: at, ...none };
}
