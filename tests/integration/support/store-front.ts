import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { stack } from './platform.ts';

/** Stands before the local Cosmos DB and can answer in its place. */
export interface StoreFront {
  readonly url: string;
  /** Answers requests whose path holds `path` with `reply`, until the function that it returns is called. */
  refuse(path: string, reply: (response: ServerResponse) => void): () => void;
  /** How many requests were refused. */
  readonly refused: number;
  stop(): Promise<void>;
}

/** As Cosmos DB answers while a container is over its throughput. */
export const throttled = (response: ServerResponse): void => {
  response.writeHead(429, { 'content-type': 'application/json', 'x-ms-retry-after-ms': '50' });
  response.end('{"code":"429","message":"Request rate is large."}');
};

export const hungUp = (response: ServerResponse): void => void response.destroy();

export async function startStoreFront(): Promise<StoreFront> {
  const { hostname, port, host } = new URL(stack.env.COSMOS_ENDPOINT ?? '');
  let refusals: { readonly path: string; readonly reply: (response: ServerResponse) => void }[] = [];
  let refused = 0;

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url: path = '' } = request;
    const refusal = refusals.find((one) => path.includes(one.path));
    if (refusal) {
      refused += 1;
      request.resume();
      refusal.reply(response);
      return;
    }
    const upstream = requestHttps({ hostname, port, method, path, headers: { ...request.headers, host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, response, () => undefined);
    });
    pipeline(request, upstream, (error) => error && response.destroy());
  }

  const pem = (name: string) => readFileSync(join(stack.directory, 'state', 'cosmos', name), 'utf8');
  const server = createServer({ cert: pem('server.pem'), key: pem('server-key.pem') }, pass);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse(path, reply) {
      const refusal = { path, reply };
      refusals.push(refusal);
      return () => {
        refusals = refusals.filter((one) => one !== refusal);
      };
    },
    get refused() {
      return refused;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
