import { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { AppError } from '../../errors.ts';
import type { ToolServerConnection } from '../../tool-servers/remote-tools.ts';
import { lazily } from '../lazily.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { Fetch } from './guarded-fetch.ts';
import { toRemoteFailure } from './remote-failure.ts';
import { createSignedFetch } from './signed-fetch.ts';

const INFO = { name: 'enterprise-ai-platform', version: '1.0.0' };
const GOODBYE_MILLISECONDS = 1_000;
/** What is said within one exchange is not waited for twice. */
const NO_RECONNECTION = {
  initialReconnectionDelay: 1,
  maxReconnectionDelay: 1,
  reconnectionDelayGrowFactor: 1,
  maxRetries: 0,
};

export interface RemoteExchange {
  readonly connection: ToolServerConnection;
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal;
}

/** Opens a session with a server, uses it once, and ends it. @throws AppError `upstream_failed` or `upstream_timeout` */
export type RemoteSession = <T>(
  exchange: RemoteExchange,
  use: (client: Client, options: RequestOptions) => Promise<T>,
) => Promise<T>;

export function createRemoteSession(fetch: Fetch, now: () => Date): RemoteSession {
  const tokens = createAccessTokens(fetch, now);
  const load = lazily(loadSdk);

  return async (exchange, use) => {
    const { Client, Transport } = await load();
    const broken = new AbortController();
    const timeout = AbortSignal.timeout(exchange.timeoutMilliseconds);
    const signal = AbortSignal.any([broken.signal, timeout, ...(exchange.signal ? [exchange.signal] : [])]);
    // Its own clock would say only that time is up; the signal says why.
    const options = { signal, timeout: exchange.timeoutMilliseconds + GOODBYE_MILLISECONDS };
    const client = new Client(INFO);
    const transport: StreamableHTTPClientTransport = new Transport(new URL(exchange.connection.url), {
      fetch: endingWith(broken, createSignedFetch({ fetch, tokens, connection: exchange.connection, signal })),
      reconnectionOptions: NO_RECONNECTION,
    });
    try {
      await client.connect(transport, options);
      return await use(client, options);
    } catch (error) {
      throw toRemoteFailure(error, signal);
    } finally {
      await end(client, transport);
    }
  };
}

async function loadSdk() {
  const [{ Client }, { StreamableHTTPClientTransport: Transport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
  ]);
  return { Client, Transport };
}

/** The SDK would wait on for an answer whose stream broke: so that ends the whole exchange. */
function endingWith(broken: AbortController, fetch: Fetch): Fetch {
  async function* watched(body: AsyncIterable<Uint8Array>) {
    try {
      yield* body;
    } catch (error) {
      const brokenOff = new AppError('upstream_failed', 'The tool server broke off its answer.', { cause: error });
      broken.abort(error instanceof AppError ? error : brokenOff);
      throw error;
    }
  }
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.body) return response;
    const body = ReadableStream.from(watched(response.body)) as unknown as BodyInit;
    return new Response(body, response);
  };
}

/** Tells a server that keeps sessions that this one is over; whether it hears it is not our concern. */
async function end(client: Client, transport: StreamableHTTPClientTransport): Promise<void> {
  if (transport.sessionId !== undefined) {
    const goodbye = transport.terminateSession().catch(() => undefined);
    await Promise.race([goodbye, sleep(GOODBYE_MILLISECONDS, undefined, { ref: false })]);
  }
  await client.close();
}
