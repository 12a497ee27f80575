import type { IncomingMessage, ServerResponse } from 'node:http';
import { asModelServerError, errorBody, invalidRequest, ModelServerError } from './errors.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Reads a JSON body of at most 16 MB. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The rest is read and dropped, because a client that is still sending would not see the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new ModelServerError(413, '413', 'The request is larger than 16 MB.');
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw invalidRequest('We could not parse the JSON body of your request.', null, 'invalid_json');
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Answers with an error; ends the connection when the answer has already begun. */
export function sendError(response: ServerResponse, thrown: unknown): void {
  const error = asModelServerError(thrown);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(error.details.headers ?? {})) response.setHeader(name, value);
  sendJson(response, error.status, errorBody(error));
}
