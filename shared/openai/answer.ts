import type { CacheStatus } from '../contracts/citations.ts';
import type { ModelRoute } from '../contracts/models.ts';
import type { RateLimitStatus } from '../limits/token-rate-limiter.ts';

/** What a call says besides its body. */
export interface CallContext {
  /** Where the caller reaches this API, such as `https://ai.contoso.com`. */
  readonly baseUrl: string;
  /** Whether a cached answer will do. */
  readonly useCache: boolean;
}

/** What goes back to the client: bytes that are JSON, or a stream of events. */
export interface OpenAiAnswer {
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
  /** null: no model was asked. */
  readonly route: ModelRoute | null;
  /** null: a model was asked, whose answers are not kept. */
  readonly cache: CacheStatus | null;
  readonly rateLimit: RateLimitStatus;
}

/** All bytes of a body that is not streamed. */
export async function wholeBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}
