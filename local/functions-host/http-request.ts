import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { RpcTypedData } from './core-types.ts';

/** The header by which the host tells the library which call a forwarded request belongs to. */
export const INVOCATION_ID_HEADER = 'x-ms-invocation-id';

/** A client's request that a function will answer. */
export interface FunctionRequest {
  readonly functionName: string;
  readonly message: IncomingMessage;
  readonly url: URL;
  /** Limited in size; undefined when there is none. The library drops the body of a GET or HEAD, so they have none. */
  readonly body: Readable | undefined;
  readonly routeParameters: Record<string, string>;
}

/** The client's headers in the shape the app sees: repeated ones joined, and never an invocation id of its own. */
export function clientHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value === undefined || name === INVOCATION_ID_HEADER) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/**
 * The trigger metadata of an HTTP call. As in Azure, query parameters appear among the route's parameters, which win;
 * fields of a JSON body, which Azure adds as well, do not, because the body is never buffered here.
 */
export function httpTriggerMetadata(request: FunctionRequest): Record<string, RpcTypedData> {
  const query = Object.fromEntries(request.url.searchParams);
  const parameters = Object.entries({ ...query, ...request.routeParameters });
  return {
    ...Object.fromEntries(parameters.map(([name, value]) => [name, { string: value }])),
    Headers: { json: JSON.stringify(clientHeaders(request.message)) },
    Query: { json: JSON.stringify(query) },
  };
}
