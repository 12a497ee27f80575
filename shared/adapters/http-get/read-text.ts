import type { Dispatcher } from 'undici';
import { AppError } from '../../errors.ts';
import type { ReadPage } from '../../tools/http-reader.ts';

const MAX_BYTES = 256 * 1024;
const TEXT = /^(?:text\/[\w.+-]+|application\/(?:json|xml|[\w.-]+\+(?:json|xml)))$/;
const MAX_TYPE_CHARACTERS = 200;

/** Reads the beginning of an answer as text. @throws AppError `unprocessable` for what is no text. */
export async function readText(
  status: number,
  headers: Dispatcher.ResponseData['headers'],
  body: AsyncIterable<Buffer> & { destroy(): unknown },
): Promise<ReadPage> {
  const [mediaType = '', ...parameters] = String(headers['content-type'] ?? '')
    .slice(0, MAX_TYPE_CHARACTERS)
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const encoding = String(headers['content-encoding'] ?? 'identity');
  if (!TEXT.test(mediaType) || encoding !== 'identity') {
    body.destroy();
    throw new AppError('unprocessable', 'The host answered with something that is no plain text.');
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const decoder = decoderOf(charset?.replaceAll('"', ''));
  const { bytes, isCut } = await readBeginning(body);
  return { status, mediaType, text: decoder.decode(bytes), isCut };
}

async function readBeginning(body: AsyncIterable<Buffer> & { destroy(): unknown }) {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    parts.push(part);
    length += part.length;
    // Leaving the loop closes the connection.
    if (length > MAX_BYTES) break;
  }
  return { bytes: Buffer.concat(parts).subarray(0, MAX_BYTES), isCut: length > MAX_BYTES };
}

function decoderOf(charset: string | undefined): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
