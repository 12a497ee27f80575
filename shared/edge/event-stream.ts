const HEARTBEAT = Buffer.from(': heartbeat\n\n');
/** A comment follows a silence of 10 to 15 seconds. */
const TICK_MILLISECONDS = 5_000;
const QUIET_TICKS = 3;

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

type Result = IteratorResult<Uint8Array, unknown>;

const BEAT: Result = { done: false, value: HEARTBEAT };

/** Begins with a comment, so that the headers go out before the first event, and puts one in whenever it is quiet. */
export async function* withHeartbeat(events: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield HEARTBEAT;
  yield* heartbeatWhenQuiet(events);
}

/**
 * Puts a comment in whenever nothing was sent for 15 seconds, so that no proxy ends the connection. One clock runs for the
 * whole stream, and no generator: what flows costs one promise.
 */
export function heartbeatWhenQuiet(events: AsyncIterable<Uint8Array>): AsyncIterableIterator<Uint8Array> {
  const source = events[Symbol.asyncIterator]();
  let quietTicks = 0;
  let pending: Promise<Result> | null = null;
  let beat: (() => void) | null = null;
  const clock = setInterval(() => {
    quietTicks += 1;
    if (quietTicks >= QUIET_TICKS) beat?.();
  }, TICK_MILLISECONDS);

  function next(): Promise<Result> {
    pending ??= source.next();
    const asked = pending;
    return new Promise((resolve, reject) => {
      /** A comment was sent instead; what was asked for is for the next one who asks. */
      let isAnswered = false;
      const come = () => {
        if (isAnswered) return;
        pending = null;
        beat = null;
        quietTicks = 0;
      };
      beat = () => {
        isAnswered = true;
        beat = null;
        quietTicks = 0;
        resolve(BEAT);
      };
      asked.then(
        (result) => {
          come();
          if (result.done) clearInterval(clock);
          resolve(result);
        },
        (error: unknown) => {
          come();
          clearInterval(clock);
          reject(error);
        },
      );
    });
  }

  return {
    next,
    async return() {
      clearInterval(clock);
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
