import { HttpResponse, type HttpResponseInit } from '@azure/functions';

/** Bytes at once, or as they come. */
export type Content = AsyncIterable<Uint8Array> | Uint8Array | string;

/**
 * A response whose body goes to the wire without a web stream. The library iterates over a body's `values()` and does
 * nothing else with it, which costs a tenth of what the stream costs that it would make of the same bytes.
 */
export function directResponse(init: Omit<HttpResponseInit, 'body'>, content: Content): HttpResponse {
  const isWhole = typeof content === 'string' || content instanceof Uint8Array;
  const body = { values: () => (isWhole ? [content] : content) };
  return Object.defineProperty(new HttpResponse(init), 'body', { value: body });
}
