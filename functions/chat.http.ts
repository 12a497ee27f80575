import { ChatAnswer, ChatRequest } from '../shared/contracts/chat.ts';
import { turnHeaders } from '../shared/edge/answer-headers.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { refusesCache } from '../shared/edge/refuses-cache.ts';
import { runStream } from '../shared/edge/run-stream.ts';

export const chat = endpoint({
  name: 'chat',
  method: 'POST',
  route: 'api/v1/chat',
  summary: 'Ask, and get the whole answer',
  tag: 'Chat',
  permission: 'chat:use',
  body: ChatRequest,
  responses: { 200: ChatAnswer },
  handle: async ({ principal, body, request, services }) => {
    const turn = await services.chat.answer(principal, refusesCache(request) ? { ...body, useCache: false } : body);
    return { body: await turn.answer, headers: turnHeaders(turn) };
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
  handle: async ({ principal, body, request, services }) => {
    const turn = await services.chat.answer(principal, refusesCache(request) ? { ...body, useCache: false } : body);
    return runStream(turn.entries(), turnHeaders(turn));
  },
});
