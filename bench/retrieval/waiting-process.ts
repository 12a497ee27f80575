/**
 * The app as the Node worker of Azure runs it, which prints for every request how long it did not wait for anybody else:
 * `node bench/retrieval/waiting-process.ts APP_DIRECTORY`. Meant for one request at a time.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { coreWaitReader } from '../process-usage.ts';

const NANOSECONDS_PER_MICROSECOND = 1_000n;
const MESSAGES = /\/messages\?/;

const waitedForCore = coreWaitReader();
/** Messages to queues that are not taken yet. Work goes on beside them, so nobody waits for one but where there is none. */
let messages = 0;
let idleAtStart = 0;
let idle = 0;
const idleNow = () => performance.eventLoopUtilization().idle;
/** Milliseconds that do not count: a message is waited for, or others have the cores that this thread wants. */
const lost = () => waitedForCore() + idle + (messages > 0 ? idleNow() - idleAtStart : 0);
/** Microseconds on the clock of profiles. */
const profileClock = () => Number(process.hrtime.bigint() / NANOSECONDS_PER_MICROSECOND);

/** Other requests of other services that are not answered yet. */
let open = 0;
let isServing = false;
/** When the time began in which nobody is waited for, without what was lost by then; null outside of it. */
let since: { readonly time: number; readonly profile: number } | null = null;
let own = 0;
let windows: [number, number][] = [];
let cpuAtStart = process.cpuUsage();

function goOn(): void {
  if (!isServing || open > 0 || since) return;
  const lostBefore = lost();
  // Last, as at the end first, so that measuring does not count.
  since = { profile: profileClock(), time: performance.now() - lostBefore };
}

function pause(): void {
  const now = performance.now();
  if (!since) return;
  own += now - lost() - since.time;
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

function trackMessage(request: ClientRequest): void {
  if (messages === 0) idleAtStart = idleNow();
  messages += 1;
  request.once('close', () => {
    messages -= 1;
    if (messages === 0) idle += idleNow() - idleAtStart;
  });
}

// `undici`, by which the models and Qdrant are asked.
subscribe('undici:request:create', (event) => track((event as { request: object }).request));
subscribe('undici:request:trailers', (event) => settle((event as { request: object }).request));
subscribe('undici:request:error', (event) => settle((event as { request: object }).request));
// `node:http`, by which the SDKs of Azure ask.
subscribe('http.client.request.start', (event) => {
  const { request } = event as { request: ClientRequest };
  if (MESSAGES.test(request.path)) return trackMessage(request);
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
