/**
 * A local stand-in for the Azure Functions host and its Node worker, for where the Core Tools cannot be installed.
 *
 * It loads the bundle that Azure would load, through the app's own `@azure/functions`, and speaks to it as the worker
 * does. What it does not imitate: scaling out, output and input bindings and other triggers (refused at start), retry
 * policies of functions, `EventGrid` as a blob source (the container is polled), easy authentication, identity-based
 * storage connections, and fields of a JSON body among `request.params`.
 * One app per process: settings, modules and the core module are global.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessKeys } from './access-keys.ts';
import { createAdminRoutes } from './admin-routes.ts';
import { installCoreModule } from './core-module.ts';
import type { CorsSettings } from './cors.ts';
import { readHostSettings } from './host-settings.ts';
import { createBufferedExchange } from './http-buffered.ts';
import { startHttpFrontend } from './http-frontend.ts';
import { createHttpRoutes } from './http-routes.ts';
import { createStreamingExchange } from './http-streaming.ts';
import { createInvoker } from './invocation.ts';
import type { Listener } from './listener.ts';
import { createListeners } from './listeners.ts';
import { loadApp } from './load-app.ts';
import { filterLog, type Log, writeLogLine } from './log.ts';
import { rejectUnsupportedBindings } from './triggers.ts';

const HOST_VERSION = '4.1044.0';
const DRAIN_MILLISECONDS = 5000;
const STOP_GRACE_MILLISECONDS = 1000;
const DEFAULT_LEASE_SECONDS = 600;
const DEFAULT_BLOB_POLLING_MILLISECONDS = 1000;

export interface FunctionsHostOptions {
  /** Holds package.json, host.json and what package.json's `main` names. */
  readonly appDirectory: string;
  /** TCP port on 127.0.0.1; 0 picks a free one. */
  readonly port: number;
  /** App settings; they win over those in the process's environment. */
  readonly environment?: Record<string, string>;
  /** Guards functions and admin routes; without keys all are open. */
  readonly keys?: AccessKeys | undefined;
  readonly cors?: CorsSettings | undefined;
  /** How long a received message stays hidden without renewal. Short: a killed host's messages come back soon. */
  readonly messageLeaseSeconds?: number | undefined;
  readonly blobPollingMilliseconds?: number | undefined;
  /** The queue that is told of blobs which are gone; left out, nobody is. */
  readonly blobDeletionQueue?: string | undefined;
  /** Takes the host's structured events; by default each is a JSON line on stdout. */
  readonly log?: Log;
}

export interface FunctionsHost {
  /** Without a trailing slash. */
  readonly url: string;
  /** Takes nothing new, gives running calls 5 s to end, then releases what they held. Safe to call twice. */
  stop(): Promise<void>;
}

/** Loads an app into this process and serves its functions until it is stopped. */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const startedAt = Date.now();
  Object.assign(process.env, { AZURE_FUNCTIONS_ENVIRONMENT: 'Development' }, options.environment);
  const settings = await readHostSettings(options.appDirectory);
  const log = filterLog(options.log ?? writeLogLine, settings.logging.logLevel);
  const app = installCoreModule(log, HOST_VERSION);
  const { httpUri } = await loadApp(options.appDirectory, app);
  rejectUnsupportedBindings(app);
  const invoker = createInvoker(app, log, settings.functionTimeout);
  const { http, queues, blobs } = settings.extensions;
  const listeners = createListeners({
    app,
    invoker,
    log,
    queues,
    blobs,
    leaseSeconds: options.messageLeaseSeconds ?? DEFAULT_LEASE_SECONDS,
    blobPollingMilliseconds: options.blobPollingMilliseconds ?? DEFAULT_BLOB_POLLING_MILLISECONDS,
    blobDeletionQueue: options.blobDeletionQueue,
  });
  const frontend = await startHttpFrontend({
    port: options.port,
    routes: createHttpRoutes(app, http.routePrefix),
    exchange: httpUri ? createStreamingExchange(invoker, httpUri, log) : createBufferedExchange(invoker),
    admin: createAdminRoutes({ app, listeners, keys: options.keys, hostVersion: HOST_VERSION, startedAt }),
    maxOutstandingRequests: http.maxOutstandingRequests,
    keys: options.keys,
    cors: options.cors,
    log,
  });
  await Promise.all(Array.from(listeners.values(), (listener) => listener.start()));
  log({
    level: 'information',
    category: 'Host.Startup',
    message: `Host started with ${app.functions.size} functions.`,
  });

  const shutDown = async () => {
    log({ level: 'information', category: 'Host.Shutdown', message: 'Host is stopping.' });
    frontend.refuse();
    await stopListeners([...listeners.values()], () => invoker.drain(DRAIN_MILLISECONDS));
    await frontend.close();
    await app.runHooks('appTerminate', { hookData: app.appLevelOnlyHookData, appHookData: app.appHookData });
  };
  let stopped: Promise<void> | undefined;
  return {
    url: frontend.url,
    stop() {
      stopped ??= shutDown();
      return stopped;
    },
  };
}

async function stopListeners(listeners: Listener[], drain: () => Promise<boolean>): Promise<void> {
  const stopping = Promise.all(listeners.map((listener) => listener.stop()));
  await drain();
  await Promise.all(listeners.map((listener) => listener.release?.()));
  // A listener whose function does not end never stops by itself.
  await Promise.race([stopping, sleep(STOP_GRACE_MILLISECONDS, undefined, { ref: false })]);
}
