import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type AccessKeys, isAllowed } from './access-keys.ts';
import { isDisabled } from './app-settings.ts';
import type { AppState } from './core-module.ts';
import { hostId } from './host-storage.ts';
import type { Listener } from './listener.ts';
import { limitedBody } from './request-body.ts';
import { triggerOf } from './triggers.ts';

const FUNCTION_PATH = /^\/admin\/functions\/([^/]+)$/;

interface AdminOptions {
  readonly app: AppState;
  readonly listeners: ReadonlyMap<string, Listener>;
  readonly keys: AccessKeys | undefined;
  readonly hostVersion: string;
  /** When the host started, in epoch milliseconds. */
  readonly startedAt: number;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** Answers the host's own routes below /admin, which ask for the master key whenever there are keys. */
export function createAdminRoutes(options: AdminOptions) {
  return async (message: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    if (!url.pathname.startsWith('/admin/')) return false;
    const answer = isAllowed(options.keys, 'admin', message, url)
      ? await route(options, message, url.pathname)
      : { status: 401 };
    response.writeHead(answer.status, answer.body === undefined ? {} : { 'content-type': 'application/json' });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    return true;
  };
}

async function route(options: AdminOptions, message: IncomingMessage, path: string): Promise<Answer> {
  const operation = `${message.method} ${path}`;
  if (operation === 'GET /admin/host/status') return { status: 200, body: describeHost(options) };
  if (/^(GET|POST) \/admin\/host\/ping$/.test(operation)) return { status: 200 };
  if (operation === 'GET /admin/functions') return { status: 200, body: describeFunctions(options.app) };
  const name = FUNCTION_PATH.exec(path)?.[1];
  if (name && message.method === 'POST') return runByHand(options, message, decodeURIComponent(name));
  return { status: 404 };
}

function describeHost({ hostVersion, startedAt }: AdminOptions) {
  return { id: hostId(), state: 'Running', version: hostVersion, processUptime: Date.now() - startedAt };
}

function describeFunctions(app: AppState) {
  return [...app.functions].map(([name, { metadata }]) => ({
    name,
    isDisabled: isDisabled(name),
    language: 'node',
    trigger: triggerOf(app, name).type,
    config: { bindings: Object.entries(metadata.bindings).map(([binding, value]) => ({ ...value, name: binding })) },
  }));
}

async function runByHand({ app, listeners }: AdminOptions, message: IncomingMessage, name: string): Promise<Answer> {
  const known = [...app.functions.keys()].find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (!known) return { status: 404 };
  const listener = listeners.get(known);
  if (!listener) return { status: 400, body: { message: `'${known}' is an HTTP function or disabled.` } };
  const input = await readInput(message);
  if (input === undefined) return { status: 400, body: { message: 'The body must be JSON: {"input": "…"}.' } };
  // As in the real host, the caller is told that the run is accepted, not how it ends; that is in the log.
  listener.run(input).catch(() => undefined);
  return { status: 202 };
}

async function readInput(message: IncomingMessage): Promise<string | undefined> {
  const body = limitedBody(message);
  if (!body) return '';
  try {
    const { input = '' } = JSON.parse(await text(body)) as { input?: unknown };
    return typeof input === 'string' ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}
