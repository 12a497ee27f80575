/**
 * The app as the Node worker of Azure runs it, which prints for every request how long it took and how much of that it did not
 * wait for anybody else: `node bench/retrieval/waiting-process.ts APP_DIRECTORY`. Meant for one request at a time.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';

/** Starts and ends of time that nothing was done in but waiting, for whatever service. */
let waitingSince: number | null = null;
let open = 0;
let waited = 0;
let startedAt = 0;
let cpuAtStart = process.cpuUsage();

function begin(): void {
  open += 1;
  waitingSince ??= performance.now();
}

function end(): void {
  open = Math.max(0, open - 1);
  if (open > 0 || waitingSince === null) return;
  waited += performance.now() - waitingSince;
  waitingSince = null;
}

const outgoing = new WeakSet<object>();

function track(request: object): void {
  outgoing.add(request);
  begin();
}

function settle(request: object): void {
  if (outgoing.delete(request)) end();
}

// `undici`, by which the models and Qdrant are asked.
subscribe('undici:request:create', (event) => track((event as { request: object }).request));
subscribe('undici:request:trailers', (event) => settle((event as { request: object }).request));
subscribe('undici:request:error', (event) => settle((event as { request: object }).request));
// `node:http`, by which the SDKs of Azure ask.
subscribe('http.client.request.start', (event) => {
  const { request } = event as { request: ClientRequest };
  track(request);
  request.once('close', () => settle(request));
});
subscribe('http.client.response.finish', (event) => {
  const { request, response } = event as { request: ClientRequest; response: IncomingMessage };
  response.once('end', () => settle(request));
});

subscribe('http.server.request.start', () => {
  startedAt = performance.now();
  cpuAtStart = process.cpuUsage();
  waited = 0;
  if (open > 0) waitingSince = startedAt;
});
subscribe('http.server.response.finish', (event) => {
  const { request } = event as { request: IncomingMessage; response: ServerResponse };
  const now = performance.now();
  const whole = now - startedAt;
  const waiting = waited + (waitingSince === null ? 0 : now - waitingSince);
  const { user, system } = process.cpuUsage(cpuAtStart);
  console.log(JSON.stringify({ served: request.url, whole, own: whole - waiting, cpu: (user + system) / 1_000 }));
});

await import('../gateway/worker-process.ts');
