import type { Principal } from '../identity/principal.ts';

/** One message of a client, not yet looked at. */
export interface McpExchange {
  readonly message: unknown;
  /** The version of the protocol that the client says to speak, or null. */
  readonly protocolVersion: string | null;
}

export interface McpReply {
  /** As streamable HTTP numbers it. */
  readonly status: number;
  /** A JSON-RPC response; null when nothing is to be said. */
  readonly json: string | null;
}

/** Our own tools for MCP clients. Each message stands for itself: there is no session. */
export interface McpServer {
  /** Answers a message as a principal; what is wrong with it is in the answer. */
  answer(principal: Principal, exchange: McpExchange): Promise<McpReply>;
}
