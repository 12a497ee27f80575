import { openAiRateLimitHeaders } from '../limits/rate-limit-headers.ts';
import { routeHeader } from '../models/route-header.ts';
import type { OpenAiAnswer } from '../openai/answer.ts';
import { eventStreamHeaders, eventStreamType, heartbeatWhenQuiet } from './event-stream.ts';
import type { Reply } from './operation.ts';

/** An answer with the headers that clients of OpenAI's API read. */
export function openAiReply({ content, route, rateLimit }: OpenAiAnswer): Reply<never> {
  const headers = { ...routeHeader(route), ...openAiRateLimitHeaders(rateLimit) };
  if (content instanceof Uint8Array) return { headers, raw: { contentType: 'application/json', content } };
  return {
    headers: { ...eventStreamHeaders, ...headers },
    raw: { contentType: eventStreamType, content: heartbeatWhenQuiet(content) },
  };
}
