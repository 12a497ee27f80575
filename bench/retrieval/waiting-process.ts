/**
 * The app as the Node worker of Azure runs it, which prints for every request how long it did not wait for anybody else:
 * `node bench/retrieval/waiting-process.ts APP_DIRECTORY`. Meant for one request at a time.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { coreWaitReader } from '../process-usage.ts';

const NANOSECONDS_PER_MICROSECOND = 1_000n;

const waitedForCore = coreWaitReader();
/** Milliseconds; stands still while others, such as the emulators, have the cores that this thread wants. */
const clock = () => performance.now() - waitedForCore();
/** Microseconds on the clock of profiles. */
const profileClock = () => Number(process.hrtime.bigint() / NANOSECONDS_PER_MICROSECOND);

/** Requests of other services that are not answered yet. */
let open = 0;
let isServing = false;
/** When the time began in which nobody is waited for; null outside of it. */
let since: { readonly clock: number; readonly profile: number } | null = null;
let own = 0;
let windows: [number, number][] = [];
let cpuAtStart = process.cpuUsage();

function goOn(): void {
  if (isServing && open === 0) since ??= { clock: clock(), profile: profileClock() };
}

function pause(): void {
  if (!since) return;
  own += clock() - since.clock;
  windows.push([since.profile, profileClock()]);
  since = null;
}

const outgoing = new WeakSet<object>();

function track(request: object): void {
  outgoing.add(request);
  open += 1;
  pause();
}

function settle(request: object): void {
  if (outgoing.delete(request)) open -= 1;
  goOn();
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
  cpuAtStart = process.cpuUsage();
  own = 0;
  windows = [];
  isServing = true;
  goOn();
});
subscribe('http.server.response.finish', (event) => {
  const { request } = event as { request: IncomingMessage };
  pause();
  isServing = false;
  const { user, system } = process.cpuUsage(cpuAtStart);
  console.log(JSON.stringify({ served: request.url, own, windows, cpu: (user + system) / 1_000 }));
});

await import('../gateway/worker-process.ts');
