import type { HttpRequest } from '@azure/functions';
import { openAiRateLimitHeaders } from '../limits/rate-limit-headers.ts';
import type { CallContext, OpenAiAnswer } from '../openai/answer.ts';
import { answerHeaders } from './answer-headers.ts';
import { eventStreamHeaders, eventStreamType, heartbeatWhenQuiet } from './event-stream.ts';
import type { Reply } from './operation.ts';
import { publicUrlOf } from './public-url.ts';
import { refusesCache } from './refuses-cache.ts';

/** An answer with the headers that clients of OpenAI's API read. */
export function openAiReply({ content, route, cache, rateLimit }: OpenAiAnswer): Reply<never> {
  const headers = { ...answerHeaders(route, cache), ...openAiRateLimitHeaders(rateLimit) };
  if (content instanceof Uint8Array) return { headers, raw: { contentType: 'application/json', content } };
  return {
    headers: { ...eventStreamHeaders, ...headers },
    raw: { contentType: eventStreamType, content: heartbeatWhenQuiet(content) },
  };
}

/** What a call says besides its body. */
export function callContextOf(request: HttpRequest): CallContext {
  return { baseUrl: publicUrlOf(request), useCache: !refusesCache(request) };
}
