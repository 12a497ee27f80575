import type { ToolServer } from '../contracts/tool-servers.ts';
import type { ToolServerConnection } from './remote-tools.ts';
import type { SecretBox } from './secret-box.ts';
import type { StoredToolServer } from './tool-server-repository.ts';

type Destination = Pick<StoredToolServer, 'tenantId' | 'id'> & Pick<ToolServer, 'url' | 'auth'>;

/** Where a secret belongs: to one server of one tenant, and to the addresses that it, or a token for it, is sent to. */
export function secretContext({ tenantId, id, url, auth }: Destination): string[] {
  const tokenAddress = auth.kind === 'oauth-client-credentials' ? addressOf(auth.tokenUrl) : '';
  return [tenantId, id, addressOf(url), tokenAddress];
}

/** With its path: at a host that serves many, another path may be somebody else. */
function addressOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** @throws AppError `unprocessable` when the secret cannot be opened. */
export function connectionOf(server: StoredToolServer, box: SecretBox): ToolServerConnection {
  const { tenantId, id, updatedAt, url, auth, sealedSecret } = server;
  const secret = sealedSecret === null ? null : box.open(sealedSecret, secretContext(server));
  return { tenantId, serverId: id, version: updatedAt, url, auth, secret };
}
