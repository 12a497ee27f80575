import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';

/** The real host's limit on a request's body. */
const BODY_LIMIT_BYTES = 104_857_600;

/** The client declared or sent more than the host takes. */
export class BodyTooLarge extends Error {}

/**
 * The body of a request as a stream that fails with `BodyTooLarge` past the host's limit, and fails when the client
 * leaves before its end; undefined when there is none.
 */
export function limitedBody(message: IncomingMessage): Readable | undefined {
  const declared = Number(message.headers['content-length'] ?? 0);
  if (declared > BODY_LIMIT_BYTES) throw new BodyTooLarge();
  const isBodyless = message.method === 'GET' || message.method === 'HEAD';
  if (isBodyless || (declared === 0 && !message.headers['transfer-encoding'])) {
    message.resume();
    return undefined;
  }
  let received = 0;
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > BODY_LIMIT_BYTES) done(new BodyTooLarge());
      else done(null, chunk);
    },
  });
  message.on('close', () => {
    if (!message.complete) body.destroy(new Error('The client left before the end of its request.'));
  });
  return message.pipe(body);
}
