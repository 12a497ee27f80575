import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: ScriptedRequest) => void | Promise<void>;

export interface ScriptedServer {
  readonly url: string;
  readonly requests: ScriptedRequest[];
  /** What the next requests get, one each; the last one stays. */
  answer(...answers: readonly Answer[]): void;
  stop(): Promise<void>;
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** An HTTP server that says exactly what a test tells it to, for failures that must be exact. */
export async function startScriptedServer(certificate?: { cert: string; key: string }): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  let script: Answer[] = [json(500, { error: 'no script' })];
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    requests.push(seen);
    const answer = script.length > 1 ? script.shift() : script[0];
    await answer?.(response, seen);
  };
  const server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    answer(...answers) {
      requests.length = 0;
      script = [...answers];
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
