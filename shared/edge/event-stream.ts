const HEARTBEAT = Buffer.from(': heartbeat\n\n');
const HEARTBEAT_MILLISECONDS = 15_000;

export interface ServerSentEvent {
  readonly id?: string;
  /** One line: JSON without line ends. */
  readonly data: string;
}

/** Headers that keep proxies from buffering a stream of events. */
export const eventStreamHeaders = {
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

export const eventStreamType = 'text/event-stream; charset=utf-8';

export function encodeEvent({ id, data }: ServerSentEvent): Uint8Array {
  return Buffer.from(id === undefined ? `data: ${data}\n\n` : `id: ${id}\ndata: ${data}\n\n`);
}

/** Begins with a comment, so that the headers go out at once, and puts one in whenever nothing was sent for 15 seconds. */
export async function* withHeartbeat(events: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    yield HEARTBEAT;
    let next = iterator.next();
    for (;;) {
      const result = await withinHeartbeat(next);
      if (result === 'quiet') {
        yield HEARTBEAT;
        continue;
      }
      if (result.done) return;
      yield result.value;
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

async function withinHeartbeat<T>(next: Promise<T>): Promise<T | 'quiet'> {
  let timer: NodeJS.Timeout | undefined;
  const quiet = new Promise<'quiet'>((resolve) => {
    timer = setTimeout(resolve, HEARTBEAT_MILLISECONDS, 'quiet');
  });
  try {
    return await Promise.race([next, quiet]);
  } finally {
    clearTimeout(timer);
  }
}
