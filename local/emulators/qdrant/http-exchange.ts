import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatError, QdrantError } from './errors.ts';

/** Qdrant's own default. */
const LARGEST_BODY_BYTES = 32 * 1024 * 1024;
/** How much of a too large body is still read, so that its sender sees the answer and not a broken pipe. */
const LARGEST_DRAIN_BYTES = 256 * 1024 * 1024;

/** Reads a JSON body; undefined when there is none. Refuses more than 32 MB with 413. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received > LARGEST_DRAIN_BYTES) break;
    if (received <= LARGEST_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (received > LARGEST_BODY_BYTES) {
    throw new QdrantError(413, `JSON payload is larger than allowed (limit: ${LARGEST_BODY_BYTES} bytes).`);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw formatError(error instanceof Error ? error.message : String(error));
  }
}

/** Writes a success in Qdrant's envelope. `startedAt` is a `performance.now()`. */
export function sendResult(response: ServerResponse, result: unknown, startedAt: number): void {
  send(response, 200, { result, status: 'ok', time: secondsSince(startedAt) });
}

/** Writes a failure in Qdrant's envelope; what is not a refusal is a fault of this server. */
export function sendFailure(response: ServerResponse, error: unknown, startedAt: number): void {
  const known = error instanceof QdrantError;
  if (!known) console.error(error);
  const message = known ? error.message : `Service internal error: ${String(error)}`;
  send(response, known ? error.status : 500, { status: { error: message }, time: secondsSince(startedAt) });
}

/** Writes any JSON. */
export function send(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;
