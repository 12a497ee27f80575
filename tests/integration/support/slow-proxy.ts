import { once } from 'node:events';
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request that went through, on the clock of `performance.now()`. */
export interface ProxiedRequest {
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface SlowProxy {
  readonly url: string;
  /** Milliseconds that each answer is held back. */
  delay: number;
  readonly requests: ProxiedRequest[];
  stop(): Promise<void>;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Passes requests on to a store and holds back its answers; remembers when each request came and was answered. */
export async function startSlowProxy(target: string, certificate?: Certificate): Promise<SlowProxy> {
  const { protocol, hostname, port, host } = new URL(target);
  const send = protocol === 'https:' ? requestHttps : requestHttp;

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now();
    const { method, url: path } = request;
    const headers = { ...request.headers, host };
    const upstream = send({ hostname, port, method, path, headers }, async (answer) => {
      const [body] = await Promise.all([buffer(answer), sleep(proxy.delay)]);
      // Before the caller can see any of it, so that whatever it does next begins later.
      proxy.requests.push({ name: `${method} ${path?.split('?')[0]}`, startedAt, endedAt: performance.now() });
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      response.end(body);
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  }

  const server = certificate ? createSecureServer(certificate, pass) : createServer(pass);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: SlowProxy = {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    delay: 0,
    requests: [],
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return proxy;
}

/** The most requests of which each began after another had ended: what a caller has waited for one after the other. */
export function longestChain(requests: readonly ProxiedRequest[]): ProxiedRequest[] {
  const chain: ProxiedRequest[] = [];
  for (const request of requests.toSorted((one, other) => one.endedAt - other.endedAt)) {
    if (request.startedAt >= (chain.at(-1)?.endedAt ?? 0)) chain.push(request);
  }
  return chain;
}
