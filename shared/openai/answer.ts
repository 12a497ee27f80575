import type { ModelRoute } from '../contracts/models.ts';
import type { RateLimitStatus } from '../limits/token-rate-limiter.ts';

/** What goes back to the client: bytes that are JSON, or a stream of events. */
export interface OpenAiAnswer {
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
  readonly route: ModelRoute;
  readonly rateLimit: RateLimitStatus;
}

/** All bytes of a body that is not streamed. */
export async function wholeBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}
