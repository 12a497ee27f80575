import type { ToolServerConnection } from '../../tool-servers/remote-tools.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { Fetch } from './guarded-fetch.ts';

const UNAUTHORIZED = 401;
const METHOD_NOT_ALLOWED = 405;

/** `fetch` for one exchange with one server: signs each request, and ends with the exchange. */
export function createSignedFetch(options: {
  readonly fetch: Fetch;
  readonly tokens: AccessTokens;
  readonly connection: ToolServerConnection;
  readonly signal: AbortSignal;
}): Fetch {
  const { fetch, tokens, connection, signal } = options;
  const { auth, secret } = connection;

  async function credentials(): Promise<Record<string, string>> {
    if (auth.kind === 'none') return {};
    if (auth.kind === 'key') return { [auth.header]: secret ?? '' };
    return { authorization: `Bearer ${await tokens.tokenFor(connection)}` };
  }

  async function send(url: string | URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(await credentials())) headers.set(name, value);
    return fetch(url, { ...init, headers, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal });
  }

  return async (url, init = {}) => {
    // The client would listen for what a server says on its own; for one call there is nothing to hear.
    if ((init.method ?? 'GET') === 'GET') return new Response(null, { status: METHOD_NOT_ALLOWED });
    const response = await send(url, init);
    if (response.status !== UNAUTHORIZED || auth.kind !== 'oauth-client-credentials') return response;
    await response.body?.cancel();
    tokens.forget(connection);
    return send(url, init);
  };
}
