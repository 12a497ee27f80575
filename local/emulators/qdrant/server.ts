/**
 * A small Qdrant REST server for one machine: what the product uses through `@qdrant/js-client-rest`, with Qdrant's
 * answers and error texts, kept in a folder and safe against the process being killed.
 *
 * Not imitated: gRPC, API keys, TLS, the cluster, shards, replicas and consistency levels, snapshots, strict mode,
 * telemetry and metrics, changing a collection's settings after its creation; multivectors, other datatypes than float32,
 * quantization, Manhattan distance, inference; the queries recommend, discover, context, order_by, formula, sample,
 * dbsf fusion, MMR, `lookup_from`, groups and the search matrix; facets of other fields than keywords; geo, phrase, text_any and prefix matches, stop
 * words and stemming of text indexes, `update_mode`; ids above 2^53. A request for one of these is refused, except that
 * storage and index tuning is accepted and changes nothing: search is always exact, by brute force.
 * Unlike Qdrant, every change is complete before its answer (`wait=false` only changes the status word), a rejected
 * update changes nothing, equal scores come in the order of their ids, and nothing is flushed to the disk platter: the
 * data survive a killed process, not a power failure.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Emulator, EmulatorOptions } from '../emulator.ts';
import { type Collections, openCollections } from './collections.ts';
import { notFound } from './errors.ts';
import { readJson, send, sendFailure, sendResult } from './http-exchange.ts';
import { type Handler, routes } from './routes.ts';

/** The version whose behaviour is imitated; the client warns when it is far from its own. */
const QDRANT_VERSION = '1.19.0';
const KEEP_ALIVE_MS = 60_000;

const INTRODUCTION = { title: 'qdrant - vector search engine (local stand-in)', version: QDRANT_VERSION };
const HEALTH_PATHS: Readonly<Record<string, string>> = {
  '/healthz': 'healthz check passed',
  '/livez': 'healthz check passed',
  '/readyz': 'all shards are ready',
};

/** Starts the server on 127.0.0.1 with the collections kept in the state directory. */
export async function startQdrant(options: EmulatorOptions): Promise<Emulator> {
  const collections = openCollections(options.stateDirectory);
  const server = createServer((request, response) => void answer(collections, request, response));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    collections.close();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function answer(collections: Collections, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedAt = performance.now();
  try {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const health = HEALTH_PATHS[url.pathname];
    const body = await readJson(request);
    if (request.method === 'GET' && health) send(response, 200, health);
    else if (request.method === 'GET' && url.pathname === '/') send(response, 200, INTRODUCTION);
    else {
      const { handler, path } = findRoute(request.method ?? 'GET', url.pathname);
      const wait = url.searchParams.get('wait') === 'true';
      sendResult(response, handler({ collections, path, wait, body }), startedAt);
    }
  } catch (error) {
    if (request.destroyed && !request.complete) response.destroy();
    else sendFailure(response, error, startedAt);
  }
}

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler;
}

const table: readonly Route[] = Object.entries(routes).map(([key, handler]) => {
  const [method = '', path = ''] = key.split(' ');
  return { method, handler, segments: path.split('/') };
});

function findRoute(method: string, pathname: string): { handler: Handler; path: Record<string, string> } {
  const segments = pathname.replace(/\/$/, '').split('/');
  for (const route of table) {
    const path = route.method === method ? matchSegments(route.segments, segments) : undefined;
    if (path) return { handler: route.handler, path };
  }
  throw notFound(`${method} ${pathname}`);
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const path: Record<string, string> = {};
  for (const [position, expected] of pattern.entries()) {
    const actual = segments[position] ?? '';
    if (expected.startsWith(':')) path[expected.slice(1)] = decodeURIComponent(actual);
    else if (expected !== actual) return undefined;
  }
  return path;
}
