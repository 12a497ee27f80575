import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { ToolServerConnection } from '../../tool-servers/remote-tools.ts';
import type { Fetch } from './guarded-fetch.ts';

const MAX_TOKENS = 1_000;
const DEFAULT_LIFE_SECONDS = 300;
const LONGEST_LIFE_SECONDS = 24 * 60 * 60;
/** A token is not used when it might run out on its way. */
const MARGIN_SECONDS = 30;
const SIGN_IN_MILLISECONDS = 10_000;

const TokenAnswer = z.object({
  access_token: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().positive().max(LONGEST_LIFE_SECONDS).catch(DEFAULT_LIFE_SECONDS),
});

interface RememberedToken {
  readonly token: Promise<string>;
  /** Milliseconds; while it is being fetched, nobody knows. */
  expiresAt: number;
}

/** Access tokens of OAuth client credentials (RFC 6749, 4.4), remembered until shortly before they run out. */
export interface AccessTokens {
  /** Many may wait for one token, so nobody can abort it. @throws AppError `upstream_failed` when it is refused */
  tokenFor(connection: ToolServerConnection): Promise<string>;
  /** The server refused the token: the next one is fetched anew. */
  forget(connection: ToolServerConnection): void;
}

export function createAccessTokens(fetch: Fetch, now: () => Date): AccessTokens {
  const remembered = new Map<string, RememberedToken>();
  const keyOf = ({ tenantId, serverId, version }: ToolServerConnection) => `${tenantId}:${serverId}:${version}`;

  function begin(connection: ToolServerConnection): Promise<string> {
    const key = keyOf(connection);
    const requested = requestToken(fetch, connection, AbortSignal.timeout(SIGN_IN_MILLISECONDS));
    const entry: RememberedToken = {
      token: requested.then(({ access_token }) => access_token),
      expiresAt: Number.POSITIVE_INFINITY,
    };
    remembered.delete(key);
    remembered.set(key, entry);
    requested.then(
      ({ expires_in }) => {
        entry.expiresAt = now().getTime() + (expires_in - MARGIN_SECONDS) * 1_000;
      },
      () => remembered.get(key) === entry && remembered.delete(key),
    );
    const oldest = remembered.keys().next();
    if (remembered.size > MAX_TOKENS && !oldest.done) remembered.delete(oldest.value);
    return entry.token;
  }

  return {
    tokenFor(connection) {
      const known = remembered.get(keyOf(connection));
      return known && known.expiresAt > now().getTime() ? known.token : begin(connection);
    },
    forget(connection) {
      remembered.delete(keyOf(connection));
    },
  };
}

async function requestToken(fetch: Fetch, { auth, secret }: ToolServerConnection, signal: AbortSignal) {
  if (auth.kind !== 'oauth-client-credentials') throw new TypeError('The server has no OAuth sign-in.');
  const response = await fetch(auth.tokenUrl, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: auth.clientId,
      client_secret: secret ?? '',
      ...(auth.scope !== null && { scope: auth.scope }),
    }).toString(),
    redirect: 'error',
    signal,
  });
  const answer = response.ok ? TokenAnswer.safeParse(await response.json().catch(() => null)) : undefined;
  if (!response.ok) await response.body?.cancel();
  if (answer?.success) return answer.data;
  // Not what it says: the answer may quote the request, and with it the secret.
  throw new AppError(
    'upstream_failed',
    `The tool server's sign-in gave no token (status ${response.status}). An administrator has to check it.`,
  );
}
