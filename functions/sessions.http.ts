import { z } from 'zod';
import { MessageId, SessionId } from '../shared/contracts/identifiers.ts';
import { PageQuery, pageOf } from '../shared/contracts/paging.ts';
import { Feedback, Message, Session, UpdateSession } from '../shared/contracts/sessions.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Sessions';
const permission = 'chat:use';
const params = z.object({ sessionId: SessionId });

export const listSessions = endpoint({
  name: 'sessions-list',
  method: 'GET',
  route: 'api/v1/sessions',
  summary: 'Your conversations, the latest first',
  tag,
  permission,
  query: PageQuery,
  responses: { 200: pageOf(Session) },
  handle: async ({ principal, query, services }) => ({ body: await services.sessions.list(principal, query) }),
});

export const getSession = endpoint({
  name: 'sessions-get',
  method: 'GET',
  route: 'api/v1/sessions/{sessionId}',
  summary: 'One conversation',
  tag,
  permission,
  params,
  responses: { 200: Session },
  handle: async ({ principal, params: { sessionId }, services }) => ({
    body: await services.sessions.get(principal, sessionId),
  }),
});

export const updateSession = endpoint({
  name: 'sessions-update',
  method: 'PATCH',
  route: 'api/v1/sessions/{sessionId}',
  summary: 'Rename a conversation, or choose its model',
  tag,
  permission,
  params,
  body: UpdateSession,
  responses: { 200: Session },
  handle: async ({ principal, params: { sessionId }, body, services }) => ({
    body: await services.sessions.update(principal, sessionId, body),
  }),
});

export const deleteSession = endpoint({
  name: 'sessions-delete',
  audit: 'session.deleted',
  method: 'DELETE',
  route: 'api/v1/sessions/{sessionId}',
  summary: 'Delete a conversation with its messages',
  tag,
  permission,
  params,
  responses: { 204: null },
  handle: async ({ principal, params: { sessionId }, services }) => {
    await services.sessions.remove(principal, sessionId);
    return {};
  },
});

export const listMessages = endpoint({
  name: 'sessions-messages',
  method: 'GET',
  route: 'api/v1/sessions/{sessionId}/messages',
  summary: 'The messages of a conversation, the oldest first',
  tag,
  permission,
  params,
  query: PageQuery,
  responses: { 200: pageOf(Message) },
  handle: async ({ principal, params: { sessionId }, query, services }) => ({
    body: await services.sessions.messages(principal, sessionId, query),
  }),
});

export const giveFeedback = endpoint({
  name: 'sessions-messages-feedback',
  method: 'PUT',
  route: 'api/v1/sessions/{sessionId}/messages/{messageId}/feedback',
  summary: 'Say whether an answer was good',
  tag,
  permission,
  params: params.extend({ messageId: MessageId }),
  body: Feedback,
  responses: { 200: Message },
  handle: async ({ principal, params: { sessionId, messageId }, body, services }) => ({
    body: await services.sessions.giveFeedback(principal, sessionId, messageId, body),
  }),
});
