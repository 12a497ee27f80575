import type { QdrantClient } from '@qdrant/js-client-rest';
import { backoff } from '../../backoff.ts';
import { lazily } from '../lazily.ts';
import { retry } from '../retry.ts';
import { isPassing, toQdrantError } from './qdrant-error.ts';
import { createQueryBatch } from './query-batch.ts';

export interface QdrantConfig {
  readonly url: string;
  readonly apiKey: string | undefined;
}

/** All in milliseconds, `tries` apart. */
export interface QdrantLimits {
  readonly requestTimeout: number;
  readonly tries: number;
  readonly retryDeadline: number;
  readonly firstDelay: number;
}

export const QDRANT_LIMITS: QdrantLimits = { requestTimeout: 20_000, tries: 3, retryDeadline: 5_000, firstDelay: 150 };
const LONGEST_DELAY = 2_000;

/** Runs a request against Qdrant. @throws AppError, with whatever Qdrant answered as its cause. */
export type QdrantCall = <T>(request: (client: QdrantClient) => Promise<T>) => Promise<T>;

/** Qdrant with timeouts, retries and typed failures. Every request must be idempotent: it may be sent again. */
export function qdrantCall(config: QdrantConfig, limits: QdrantLimits): QdrantCall {
  const connect = lazily(async () => {
    const { QdrantClient } = await import('@qdrant/js-client-rest');
    const { origin, ...options } = { ...address(config), timeout: limits.requestTimeout };
    const client = new QdrantClient({ ...options, checkCompatibility: false });
    return Object.assign(client, { queryBatch: createQueryBatch({ origin, ...options }) });
  });
  return async (request) => {
    const client = await connect();
    try {
      return await retry(() => request(client), {
        tries: limits.tries,
        deadline: limits.retryDeadline,
        delayAfter: (error, attempt) => (isPassing(error) ? backoff(attempt, limits.firstDelay, LONGEST_DELAY) : null),
      });
    } catch (error) {
      throw toQdrantError(error);
    }
  };
}

/** The client itself would drop a URL's path and read a missing port as 6333. */
function address({ url, apiKey }: QdrantConfig) {
  // Not as `apiKey`, for which the client writes a warning to the console over plain HTTP.
  const headers: Record<string, string> = apiKey === undefined ? {} : { 'api-key': apiKey };
  const { origin, protocol, hostname, port, pathname } = new URL(url);
  const https = protocol === 'https:';
  const prefix = pathname.replace(/\/+$/, '');
  return {
    origin,
    host: hostname,
    port: port === '' ? (https ? 443 : 80) : Number(port),
    https,
    prefix,
    headers,
  };
}
