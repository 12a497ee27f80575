import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { RpcHttpCookie, RpcHttpData, RpcTypedData } from './core-types.ts';
import { clientHeaders, type FunctionRequest, httpTriggerMetadata } from './http-request.ts';
import type { HttpExchange } from './http-streaming.ts';
import type { Invoker } from './invocation.ts';

const SAME_SITE: Record<string, string> = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' };

/** Calls functions of an app that has not enabled HTTP streaming: whole requests and answers, by RPC. */
export function createBufferedExchange(invoker: Invoker): HttpExchange {
  return async (request, response) => {
    try {
      const http = await toRpcHttp(request);
      const result = await invoker.invoke({
        functionName: request.functionName,
        reason: 'This function was programmatically called via the host APIs.',
        data: { http },
        triggerMetadata: httpTriggerMetadata(request),
        traceParent: http.headers?.traceparent,
        traceState: http.headers?.tracestate,
      });
      answer(response, result.returnValue?.http);
    } catch {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  };
}

async function toRpcHttp({ message, url, body, routeParameters }: FunctionRequest): Promise<RpcHttpData> {
  return {
    method: message.method ?? 'GET',
    url: url.href,
    headers: clientHeaders(message),
    query: Object.fromEntries(url.searchParams),
    params: routeParameters,
    body: { bytes: body ? await buffer(body) : new Uint8Array() },
  };
}

function answer(response: ServerResponse, http: RpcHttpData | undefined): void {
  if (!http) {
    response.writeHead(204).end();
    return;
  }
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  const cookies = (http.cookies ?? []).map(formatCookie);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.writeHead(Number(http.statusCode ?? 200));
  response.end(toBytes(http.body));
}

function toBytes(body: RpcTypedData | null | undefined): Uint8Array | string {
  return body?.bytes ?? body?.string ?? body?.json ?? '';
}

function formatCookie(cookie: RpcHttpCookie): string {
  const seconds = cookie.expires?.value?.seconds;
  const attributes = [
    ['Domain', cookie.domain?.value],
    ['Path', cookie.path?.value],
    ['Expires', seconds === undefined ? undefined : new Date(seconds * 1000).toUTCString()],
    ['Max-Age', cookie.maxAge?.value],
    ['SameSite', SAME_SITE[cookie.sameSite ?? 'none']],
  ].filter(([, value]) => value !== undefined && value !== null);
  const flags = [cookie.secure?.value && 'Secure', cookie.httpOnly?.value && 'HttpOnly'].filter(Boolean);
  const pair = `${cookie.name}=${encodeURIComponent(cookie.value ?? '')}`;
  return [pair, ...attributes.map(([name, value]) => `${name}=${value}`), ...flags].join('; ');
}
