import type { ChangedAuth, CreateToolServer, ToolServer, UpdateToolServer } from '../contracts/tool-servers.ts';
import { ToolServer as ToolServerSchema } from '../contracts/tool-servers.ts';
import { AppError } from '../errors.ts';
import { secretContext } from './connection-of.ts';
import type { SecretBox } from './secret-box.ts';
import type { StoredToolServer } from './tool-server-repository.ts';

export interface ChangeOptions {
  readonly box: SecretBox;
  readonly refusalOf: (url: URL) => string | null;
}

type Facts = Pick<StoredToolServer, 'id' | 'tenantId' | 'createdBy' | 'createdAt' | 'updatedAt'>;

/** What callers see of a server: never its secret, not even sealed. */
export const shownToolServer = (server: StoredToolServer): ToolServer => ToolServerSchema.parse(server);

/** A server as it is stored when it is registered. @throws AppError `unprocessable` */
export function newToolServer(options: ChangeOptions, facts: Facts, body: CreateToolServer): StoredToolServer {
  const { auth: given, ...fields } = body;
  const { secret, ...auth } = splitSecret(given);
  const server = { ...facts, ...fields, ...auth, sealedSecret: null };
  requireReachable(options, server);
  return secret === undefined ? server : sealed(options, server, secret);
}

/**
 * A server after a change. A secret stays only with the addresses that it was given for: otherwise whoever may change the
 * address could have it sent to themselves.
 * @throws AppError `unprocessable`
 */
export function changeToolServer(
  options: ChangeOptions,
  server: StoredToolServer,
  change: UpdateToolServer,
  updatedAt: string,
): StoredToolServer {
  const { auth: given, ...fields } = change;
  const { secret, ...auth } = given ? splitSecret(given) : { auth: server.auth };
  const next = { ...server, ...fields, ...auth, updatedAt };
  requireReachable(options, next);
  if (next.auth.kind === 'none') return { ...next, sealedSecret: null };
  if (secret !== undefined) return sealed(options, next, secret);
  if (server.sealedSecret !== null && staysWhereItIs(server, next)) return next;
  throw new AppError('unprocessable', 'Send `auth` with its secret: it was given for another address or another kind.');
}

function splitSecret(given: ChangedAuth): { auth: ToolServer['auth']; secret?: string | undefined } {
  if (given.kind === 'none') return { auth: given };
  const { secret, ...auth } = given;
  return { auth, secret };
}

const sealed = ({ box }: ChangeOptions, server: StoredToolServer, secret: string): StoredToolServer => ({
  ...server,
  sealedSecret: box.seal(secret, secretContext(server)),
});

function staysWhereItIs(before: StoredToolServer, after: StoredToolServer): boolean {
  const isSameKind = before.auth.kind === after.auth.kind;
  return isSameKind && JSON.stringify(secretContext(before)) === JSON.stringify(secretContext(after));
}

function requireReachable({ refusalOf }: ChangeOptions, { url, auth }: StoredToolServer): void {
  const urls = auth.kind === 'oauth-client-credentials' ? [url, auth.tokenUrl] : [url];
  for (const address of urls) {
    const refusal = refusalOf(new URL(address));
    if (refusal !== null) throw new AppError('unprocessable', refusal);
  }
}
