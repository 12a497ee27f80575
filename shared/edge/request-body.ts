import { addAbortSignal, Readable } from 'node:stream';
import type { HttpRequest } from '@azure/functions';
import { AppError } from '../errors.ts';

const MAX_JSON_BYTES = 1024 * 1024;
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const DISCARD_MILLISECONDS = 30_000;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Reads a JSON body. @throws AppError for another media type, a larger body or broken JSON. */
export async function readJson(request: HttpRequest, maxBytes = MAX_JSON_BYTES): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) {
    throw new AppError('unsupported_media_type', 'Send JSON, with the header `Content-Type: application/json`.');
  }
  rejectEncoding(request);
  const text = await readText(request, maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not valid JSON.', { cause });
  }
}

export function rejectEncoding(request: HttpRequest): void {
  const encoding = request.headers.get('content-encoding');
  if (encoding && encoding !== 'identity') {
    throw new AppError('unsupported_media_type', 'Send the body without `Content-Encoding`.');
  }
}

/**
 * Reads what is left of a body that is refused. Without that, its connection would be cut before the answer came through,
 * or would keep the next request waiting behind the rest; a longer rest, or one that comes too slowly, is cut.
 */
export async function discardRest(source: Readable): Promise<void> {
  let discarded = 0;
  try {
    for await (const part of addAbortSignal(AbortSignal.timeout(DISCARD_MILLISECONDS), source)) {
      discarded += part.byteLength;
      if (discarded > MAX_DISCARDED_BYTES) return;
    }
  } catch {
    // The client has gone, or is too slow: there is nobody to tell.
  }
}

/** Reads away a body that nobody looked at, of a request that is refused or should have none; see `discardRest`. */
export async function discardUnread({ body, bodyUsed }: HttpRequest): Promise<void> {
  if (body && !bodyUsed && !body.locked) await discardRest(Readable.fromWeb(body));
}

async function readText(request: HttpRequest, maxBytes: number): Promise<string> {
  const tooLarge = () => new AppError('payload_too_large', `The body may have at most ${maxBytes} bytes.`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();

  const parts = await readParts(request.body, maxBytes, tooLarge);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not valid UTF-8.', { cause });
  }
}

/** Reads through the reader itself: a stream of Node around it costs as much again as all the rest of reading a body. */
async function readParts(body: HttpRequest['body'], maxBytes: number, tooLarge: () => AppError): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  if (!body) return parts;
  const reader = body.getReader();
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > maxBytes) {
      reader.releaseLock();
      await discardRest(Readable.fromWeb(body));
      throw tooLarge();
    }
    parts.push(part.value);
  }
  return parts;
}
