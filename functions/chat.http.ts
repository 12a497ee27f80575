import { ChatAnswer, ChatRequest } from '../shared/contracts/chat.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { runStream } from '../shared/edge/run-stream.ts';
import { rateLimitHeaders } from '../shared/limits/rate-limit-headers.ts';
import { routeHeader } from '../shared/models/route-header.ts';

export const chat = endpoint({
  name: 'chat',
  method: 'POST',
  route: 'api/v1/chat',
  summary: 'Ask, and get the whole answer',
  tag: 'Chat',
  permission: 'chat:use',
  body: ChatRequest,
  responses: { 200: ChatAnswer },
  handle: async ({ principal, body, services }) => {
    const turn = await services.chat.answer(principal, body);
    return { body: await turn.answer, headers: { ...rateLimitHeaders(turn.rateLimit), ...routeHeader(turn.route) } };
  },
});

export const chatStream = endpoint({
  name: 'chat-stream',
  method: 'POST',
  route: 'api/v1/chat/stream',
  summary: 'Ask, and get the answer as it is written',
  description: "Server-sent events in the AI SDK's UI message stream protocol; `useChat` reads them as they are.",
  tag: 'Chat',
  permission: 'chat:use',
  body: ChatRequest,
  responses: { 200: { contentType: 'text/event-stream', description: 'UI message chunks' } },
  handle: async ({ principal, body, services }) => {
    const turn = await services.chat.answer(principal, body);
    const ids = { 'x-session-id': turn.sessionId, 'x-run-id': turn.runId };
    return runStream(turn.entries(), { ...ids, ...rateLimitHeaders(turn.rateLimit), ...routeHeader(turn.route) });
  },
});
