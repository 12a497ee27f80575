/**
 * An app as the Node worker of Azure runs it: `node bench/gateway/worker-process.ts APP_DIRECTORY` loads the bundle, and
 * clients speak to the HTTP server of `@azure/functions` itself, as Azure's front end does. Prints `{"url":…}`.
 *
 * The front end also sends the worker a message by gRPC for each call, and gets one back. Here the call begins with the
 * request itself, so what the worker's gRPC costs is not in what is measured.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { type AppState, installCoreModule } from '../../local/functions-host/core-module.ts';
import { httpTriggerMetadata, INVOCATION_ID_HEADER } from '../../local/functions-host/http-request.ts';
import { createHttpRoutes, findRoute } from '../../local/functions-host/http-routes.ts';
import { createInvoker } from '../../local/functions-host/invocation.ts';
import { loadApp } from '../../local/functions-host/load-app.ts';
import { type LogEntry, writeLogLine } from '../../local/functions-host/log.ts';

const [appDirectory = ''] = process.argv.slice(2);
const HOST_VERSION = '4.0.0';

function log(entry: LogEntry): void {
  if (entry.level === 'error' || entry.level === 'critical') writeLogLine(entry);
}

/** Finds functions by method and path; each pair is looked up once, because in Azure that is the front end's work. */
function createFunctionFinder(app: AppState): (method: string, path: string) => string {
  const routes = createHttpRoutes(app, '');
  const known = new Map<string, string>();
  return (method, path) => {
    const operation = `${method} ${path}`;
    const name = known.get(operation) ?? findRoute(routes, method, path)?.route.functionName;
    if (name === undefined) throw new Error(`No function answers ${operation}.`);
    known.set(operation, name);
    return name;
  };
}

const app = installCoreModule(log, HOST_VERSION);
const { httpUri = '' } = await loadApp(appDirectory, app);
const invoker = createInvoker(app, log, undefined);
const findFunction = createFunctionFinder(app);

subscribe('http.server.request.start', (event) => {
  const { request: message } = event as { request: IncomingMessage };
  const url = new URL(message.url ?? '', httpUri);
  const functionName = findFunction(message.method ?? '', url.pathname);
  invoker.invoke({
    functionName,
    reason: 'bench',
    data: { http: {} },
    triggerMetadata: httpTriggerMetadata({ functionName, message, url, body: undefined, routeParameters: {} }),
    invocationId: String(message.headers[INVOCATION_ID_HEADER]),
    traceParent: String(message.headers.traceparent),
  });
});

console.log(JSON.stringify({ url: `http://127.0.0.1:${new URL(httpUri).port}` }));
process.once('disconnect', () => process.exit());
