import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import type { Dispatcher } from 'undici';
import { withDeadline } from '../../deadline.ts';
import { lazily } from '../lazily.ts';

export interface QdrantAddress {
  readonly origin: string;
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds until an answer must be there. */
  readonly timeout: number;
}

/** As many as the client opens. */
const CONNECTIONS = 25;
const KEEP_ALIVE_MILLISECONDS = 10_000;
const OK = 200;

/**
 * The client's `queryBatch` for a fraction of its work. The client visits each value of an answer, and each number of the
 * vectors that are sent, for integers beyond those of JavaScript, of which we keep none.
 */
export function createQueryBatch({ origin, prefix, headers, timeout }: QdrantAddress): QdrantClient['queryBatch'] {
  const open = lazily(async (): Promise<Dispatcher> => {
    // Its names are not there in the bundle, which makes a module of all that CommonJS exports.
    const { default: undici } = await import('undici');
    const connections = { connections: CONNECTIONS, keepAliveTimeout: KEEP_ALIVE_MILLISECONDS };
    return new undici.Agent({ ...connections, headersTimeout: 0, bodyTimeout: 0 });
  });

  return async (collection, { searches }) => {
    const agent = await open();
    return withDeadline(timeout, async (signal) => {
      const { statusCode, body } = await agent.request({
        origin,
        path: `${prefix}/collections/${encodeURIComponent(collection)}/points/query/batch`,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ searches }),
        signal,
      });
      const text = await body.text();
      if (statusCode !== OK) throw refusal(statusCode, text);
      return (JSON.parse(text) as { result: Schemas['QueryResponse'][] }).result;
    });
  };
}

/** In the shape of the client's own errors. */
function refusal(status: number, text: string): Error {
  const error = new Error(`Qdrant answered ${status}.`);
  try {
    return Object.assign(error, { status, data: JSON.parse(text) as unknown });
  } catch {
    return Object.assign(error, { status });
  }
}
