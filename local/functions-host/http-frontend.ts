import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccessKeys, isAllowed } from './access-keys.ts';
import { applyCors, type CorsSettings } from './cors.ts';
import { findRoute, type HttpRoute } from './http-routes.ts';
import type { HttpExchange } from './http-streaming.ts';
import type { Log } from './log.ts';
import { BodyTooLarge, limitedBody } from './request-body.ts';

const KEEP_ALIVE_MILLISECONDS = 65_000;
const FLUSH_MILLISECONDS = 500;

export interface HttpFrontendOptions {
  /** TCP port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  readonly routes: HttpRoute[];
  readonly exchange: HttpExchange;
  /** Answers the host's own routes under /admin; tells whether it did. */
  readonly admin: (message: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;
  readonly maxOutstandingRequests: number;
  readonly keys: AccessKeys | undefined;
  readonly cors: CorsSettings | undefined;
  readonly log: Log;
}

export interface HttpFrontend {
  /** Without a trailing slash. */
  readonly url: string;
  /** Takes no new connection; calls that are running go on. */
  refuse(): void;
  /** Cuts what is left; after `refuse`. */
  close(): Promise<void>;
}

/** Listens for clients and hands each request to the function whose route it matches. */
export async function startHttpFrontend(options: HttpFrontendOptions): Promise<HttpFrontend> {
  let outstanding = 0;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MILLISECONDS }, async (message, response) => {
    outstanding += 1;
    response.once('close', () => {
      outstanding -= 1;
    });
    try {
      const isOverLimit = options.maxOutstandingRequests >= 0 && outstanding > options.maxOutstandingRequests;
      await dispatch(options, isOverLimit, message, response);
    } catch (error) {
      fail(options.log, response, error);
    }
  });
  await listen(server, options.port);
  const closed = Promise.withResolvers<void>();
  server.once('close', closed.resolve);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse() {
      server.close();
      server.closeIdleConnections();
    },
    async close() {
      // An answer may still be on its way when its function has ended.
      await Promise.race([closed.promise, sleep(FLUSH_MILLISECONDS, undefined, { ref: false })]);
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function dispatch(
  options: HttpFrontendOptions,
  isOverLimit: boolean,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = parseUrl(message);
  if (!url) return end(response, 400);
  if (applyCors(options.cors, message, response)) return;
  if (await options.admin(message, response, url)) return;
  if (isOverLimit) return end(response, 429);
  const found = findRoute(options.routes, message.method ?? 'GET', url.pathname);
  if (!found) return end(response, 404);
  const { route, parameters } = found;
  if (!isAllowed(options.keys, route.authLevel, message, url)) return end(response, 401);
  const body = limitedBody(message);
  body?.on('error', (error) => {
    if (error instanceof BodyTooLarge && !response.headersSent) end(response, 413);
  });
  await options.exchange(
    { functionName: route.functionName, message, url, body, routeParameters: parameters },
    response,
  );
}

function parseUrl(message: IncomingMessage): URL | undefined {
  if (!message.url?.startsWith('/')) return undefined;
  const text = `http://${message.headers.host ?? 'localhost'}${message.url}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Answers without a body. A request that was not read to its end cannot be followed by another on its connection. */
function end(response: ServerResponse, status: number): void {
  if (!response.req.complete) response.setHeader('connection', 'close');
  response.writeHead(status).end();
}

function fail(log: Log, response: ServerResponse, error: unknown): void {
  if (!(error instanceof BodyTooLarge)) log({ level: 'error', category: 'Host.Http', message: String(error) });
  if (response.headersSent) response.destroy();
  else end(response, error instanceof BodyTooLarge ? 413 : 500);
}

async function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    const isTaken = error.code === 'EADDRINUSE';
    reject(isTaken ? new Error(`Port ${port} is taken; set FUNCTIONS_PORT or --port to a free one.`) : error);
  });
  server.listen(port, '127.0.0.1', resolve);
  await promise;
}
