import { randomUUID } from 'node:crypto';
import {
  Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { clientHeaders, type FunctionRequest, httpTriggerMetadata, INVOCATION_ID_HEADER } from './http-request.ts';
import type { Invoker } from './invocation.ts';
import type { Log } from './log.ts';

/** How long an answer may take over loopback once the function has ended; long, because a busy process is late itself. */
const ANSWER_GRACE_MILLISECONDS = 5000;

const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Answers a client's request by calling a function. */
export type HttpExchange = (request: FunctionRequest, response: ServerResponse) => Promise<void>;

/**
 * Calls functions whose requests and answers travel, unbuffered in both directions, through the HTTP streaming server
 * of `@azure/functions` (src/http/httpProxy.ts).
 */
export function createStreamingExchange(invoker: Invoker, httpUri: string, log: Log): HttpExchange {
  // The library closes idle connections, perhaps at the very moment that one is used again, so each request has its own.
  const agent = new Agent({ keepAlive: false });
  return async (request, response) => {
    const { message, functionName } = request;
    const invocationId = randomUUID();
    const upstream = forward(request, invocationId, httpUri, agent);
    const answered = relayAnswer(upstream, response);
    const succeeded = await invoker
      .invoke({
        functionName,
        reason: 'This function was programmatically called via the host APIs.',
        data: { http: {} },
        triggerMetadata: httpTriggerMetadata(request),
        invocationId,
        traceParent: header(message, 'traceparent'),
        traceState: header(message, 'tracestate'),
      })
      .then(
        () => true,
        () => false,
      );
    if (succeeded && !(await isLate(answered))) return;
    if (succeeded) {
      const problem = 'The function ended without an answer; in Azure its caller would wait in vain.';
      log({ level: 'error', category: 'Host.Http', function: functionName, invocationId, message: problem });
    }
    upstream.destroy();
    endFailed(response);
  };
}

function forward(request: FunctionRequest, invocationId: string, httpUri: string, agent: Agent): ClientRequest {
  const { message, body } = request;
  const headers = Object.entries(clientHeaders(message)).filter(([name]) => !HOP_BY_HOP.has(name));
  const upstream = httpRequest(new URL(httpUri), {
    agent,
    path: message.url,
    method: message.method,
    headers: {
      ...Object.fromEntries(headers),
      ...(body && message.headers['transfer-encoding'] ? { 'transfer-encoding': 'chunked' } : {}),
      ...(body ? {} : { 'content-length': '0' }),
      [INVOCATION_ID_HEADER]: invocationId,
      'x-forwarded-host': message.headers.host ?? 'localhost',
      'x-forwarded-proto': 'http',
    },
  });
  if (!body) return upstream.end();
  upstream.flushHeaders();
  // A client that leaves while it sends, or sends too much, makes the function's read of the body fail.
  body.on('error', () => upstream.destroy());
  body.pipe(upstream);
  // An answer may come before the request was read; what is left would keep the next request on its connection waiting.
  upstream.on('close', () => body.unpipe(upstream).resume());
  return upstream;
}

/** Streams the library's answer to the client; resolves when its head has arrived. */
function relayAnswer(upstream: ClientRequest, response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  upstream.on('error', () => endFailed(response));
  upstream.on('response', (answer: IncomingMessage) => {
    resolve();
    response.writeHead(answer.statusCode ?? 500, endToEndHeaders(answer));
    response.flushHeaders();
    answer.on('error', () => response.destroy());
    response.on('error', () => answer.resume());
    // The function goes on when its client has left, so what it still writes is read and dropped.
    response.on('close', () => answer.resume());
    answer.pipe(response);
  });
  return promise;
}

function endToEndHeaders(answer: IncomingMessage): string[] {
  const headers: string[] = [];
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(index, index + 2);
    if (!HOP_BY_HOP.has(name.toLowerCase())) headers.push(name, value);
  }
  return headers;
}

async function isLate(answered: Promise<void>): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(timeout.resolve, ANSWER_GRACE_MILLISECONDS, true);
  const late = await Promise.race([answered.then(() => false), timeout.promise]);
  clearTimeout(timer);
  return late;
}

function endFailed(response: ServerResponse): void {
  if (response.writableEnded) return;
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end();
}

function header(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
