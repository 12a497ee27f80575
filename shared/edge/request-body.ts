import type { HttpRequest } from '@azure/functions';
import { AppError } from '../errors.ts';

const MAX_JSON_BYTES = 1024 * 1024;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Reads a JSON body of at most 1 MiB. @throws AppError for another media type, a larger body or broken JSON. */
export async function readJson(request: HttpRequest): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) {
    throw new AppError('unsupported_media_type', 'Send JSON, with the header `Content-Type: application/json`.');
  }
  rejectEncoding(request);
  const text = await readText(request, MAX_JSON_BYTES);
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

async function readText(request: HttpRequest, maxBytes: number): Promise<string> {
  const tooLarge = () => new AppError('payload_too_large', `The body may have at most ${maxBytes} bytes.`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();

  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw tooLarge();
    parts.push(part);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts));
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not valid UTF-8.', { cause });
  }
}
