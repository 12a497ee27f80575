/**
 * A small remote MCP server over streamable HTTP, made with the protocol's official SDK, as a company would run one: with
 * tools that work and tools that are slow, broken, too talkative or malicious, open or behind a key or an OAuth sign-in.
 *
 * Not imitated: sessions, streams of its own (GET), resources, prompts, sampling, elicitation; sign-in by a person and
 * discovery of where to sign in. The token endpoint knows one client and gives opaque tokens.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Emulator } from '../emulator.ts';
import { demoServer } from './tools.ts';

export interface McpServerOptions {
  /** TCP port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** Must come in the header `x-api-key`; left out, nothing is asked for. */
  readonly apiKey?: string;
  /** A client whose tokens, from `POST /token`, must come as `Authorization: Bearer`. */
  readonly client?: { readonly id: string; readonly secret: string };
}

export interface McpServerEmulator extends Emulator {
  /** Where it speaks MCP: `{url}/mcp`. */
  readonly mcpUrl: string;
  readonly tokenUrl: string;
  /** How many tokens it has given. */
  readonly tokensGiven: number;
  /** Forgets every token that it has given, as one that restarts would. */
  revokeTokens(): void;
}

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

/** Starts the server on 127.0.0.1. `/elsewhere` redirects to another host, `/mcp-moved` to `/mcp`. */
export async function startMcpServer(options: McpServerOptions): Promise<McpServerEmulator> {
  const tokens = new Set<string>();
  let tokensGiven = 0;

  async function giveToken(...[request, response]: Exchange): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const { id, secret } = options.client ?? {};
    if (!id || form.get('client_id') !== id || form.get('client_secret') !== secret) {
      return send(response, 401, { error: 'invalid_client', error_description: `not ${form.get('client_secret')}` });
    }
    const token = randomUUID();
    tokens.add(token);
    tokensGiven += 1;
    send(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 3600 });
  }

  function isLetIn({ headers }: IncomingMessage): boolean {
    if (options.apiKey) return headers['x-api-key'] === options.apiKey;
    return !options.client || tokens.has(headers.authorization?.replace(/^Bearer /, '') ?? '');
  }

  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/token') return giveToken(request, response);
    if (path === '/elsewhere') return response.writeHead(307, { location: 'https://elsewhere.example/mcp' }).end();
    if (path === '/mcp-moved') return response.writeHead(307, { location: '/mcp' }).end();
    if (path !== '/mcp') return send(response, 404, { error: 'not found' });
    if (!isLetIn(request)) return send(response, 401, { error: `not ${request.headers['x-api-key']}` });
    await speakMcp(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    mcpUrl: `${url}/mcp`,
    tokenUrl: `${url}/token`,
    get tokensGiven() {
      return tokensGiven;
    },
    revokeTokens: () => tokens.clear(),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Every message gets a server of its own. */
async function speakMcp(...[request, response]: Exchange): Promise<void> {
  const server = demoServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  response.once('close', () => void server.close());
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  await transport.handleRequest(request, response);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
