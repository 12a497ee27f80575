import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { HttpRequest } from '@azure/functions';
import type { Busboy } from 'busboy';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { discardRest, rejectEncoding } from './request-body.ts';

const MAX_FIELD_BYTES = 64 * 1024;
const MULTIPART = /^multipart\/form-data\s*;/i;

export interface IncomingFile {
  /** As the client named it: text to show, never a path. */
  readonly name: string;
  readonly content: Readable;
  /** The fields that came before the file. */
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Reads the one file of a multipart form and hands it on while it streams in.
 * @throws AppError when the form is not one, holds no file or more than one, or whatever `receive` throws.
 */
export async function receiveFile<T>(request: HttpRequest, receive: (file: IncomingFile) => Promise<T>): Promise<T> {
  const contentType = request.headers.get('content-type') ?? '';
  if (!MULTIPART.test(contentType) || !request.body) {
    throw new AppError('unsupported_media_type', 'Send the file as multipart/form-data, in a field named `file`.');
  }
  rejectEncoding(request);
  const parser = await openParser(contentType);
  const fields: Record<string, string> = {};
  let received: Promise<T> | undefined;
  // The file ends only with the form, so that a form that turns out to be wrong leaves no document behind.
  const file = new PassThrough().on('error', () => undefined);
  const fail = (error: unknown) => parser.destroy(error instanceof Error ? error : new Error(String(error)));
  parser.on('field', (name, value) => {
    if (received) fail(new AppError('bad_request', `Put the field \`${name}\` before the file.`));
    else fields[name] = value;
  });
  parser.on('file', (_field, content, { filename }) => {
    content.on('error', fail).pipe(file, { end: false });
    received = receive({ name: filename ?? '', content: file, fields });
    received.catch(fail);
  });
  parser.on('filesLimit', () => fail(new AppError('bad_request', 'Send one file in each form.')));
  const source = Readable.fromWeb(request.body).on('error', fail);
  try {
    await finished(source.pipe(parser));
    file.end();
  } catch (cause) {
    source.unpipe(parser);
    const broken = cause instanceof Error ? cause : new Error(String(cause));
    file.destroy(broken);
    await received?.catch(() => undefined);
    await discardRest(source);
    if (cause instanceof AppError) throw cause;
    throw new AppError('bad_request', 'The upload broke off or is not a valid multipart form.', { cause });
  }
  if (!received) throw new AppError('bad_request', 'The form holds no file. Send it in a field named `file`.');
  return received;
}

async function openParser(contentType: string): Promise<Busboy> {
  const { default: busboy } = await import('busboy');
  try {
    return busboy({
      headers: { 'content-type': contentType },
      defParamCharset: 'utf8',
      limits: { files: 1, fields: 10, parts: 20, fieldSize: MAX_FIELD_BYTES },
    });
  } catch (cause) {
    throw new AppError('bad_request', 'The multipart form has no boundary.', { cause });
  }
}

/** Checks the text fields of a form, each of which is JSON. @throws AppError `validation_failed` */
export function parseForm<T extends z.ZodType>(schema: T, fields: Readonly<Record<string, string>>): z.output<T> {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, json(text)])));
  if (parsed.success) return parsed.data;
  throw new AppError('validation_failed', 'The form is not as it should be; see `errors`.', { cause: parsed.error });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
