import type { TenantId, ToolServerId } from '../contracts/identifiers.ts';
import type { ToolServerAuth } from '../contracts/tool-servers.ts';

/** All that is needed to speak to a server. It holds an open secret: it lives for one call, and is neither stored nor logged. */
export interface ToolServerConnection {
  readonly tenantId: TenantId;
  readonly serverId: ToolServerId;
  /** Another one after every change of the server. */
  readonly version: string;
  readonly url: string;
  readonly auth: ToolServerAuth;
  /** null without authentication. */
  readonly secret: string | null;
}

/** A tool in the words of a server, which nobody has checked. */
export interface RemoteTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface RemoteCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly timeoutMilliseconds: number;
}

export interface RemoteResult {
  readonly text: string;
  /** The server said that the call has failed, and why. */
  readonly isError: boolean;
}

/** The protocol that tool servers speak. */
export interface RemoteTools {
  /**
   * The first 100 tools of a server.
   * @throws AppError `upstream_failed`, `upstream_timeout`, or `unprocessable` for an address that may not be reached
   */
  list(connection: ToolServerConnection, timeoutMilliseconds: number): Promise<readonly RemoteTool[]>;
  /** @throws AppError as `list`. Nothing is tried twice: a tool may have done its work before it failed. */
  call(connection: ToolServerConnection, call: RemoteCall, signal: AbortSignal): Promise<RemoteResult>;
}
