import { AppError } from '../errors.ts';
import { openAiError } from './openai-error.ts';
import { createUsageFrameFilter } from './usage-frames.ts';

export interface ForwardedStream {
  readonly body: AsyncIterable<Uint8Array>;
  /** Resolves when the call is on record and paid for; its end is not told before. */
  readonly closed: Promise<unknown>;
  readonly includeUsage: boolean;
}

type Result = IteratorResult<Uint8Array, undefined>;

const NOTHING = Buffer.alloc(0);
const ERROR_FRAME = 'data: {"error"';
const OVER: Result = { done: true, value: undefined };
const CLOSING_BRACKET = 0x5d;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Passes the bytes of a model's stream on as they are. Written by hand, as a generator costs several promises a token.
 * A failure in the middle becomes an `error` event, which ends it.
 */
export function forwardStream({ body, closed, includeUsage }: ForwardedStream): AsyncIterableIterator<Uint8Array> {
  const source = body[Symbol.asyncIterator]();
  const filter = includeUsage ? null : createUsageFrameFilter();
  /** The end of `[DONE]`, kept back until the call is closed. */
  let ending: Uint8Array | null = null;
  let isOver = false;
  let last: Uint8Array | null = null;

  function pass(bytes: Uint8Array): Result | Promise<Result> {
    const all = ending === null ? bytes : Buffer.concat([ending, bytes]);
    const border = all.length - endMarkLength(all);
    ending = border < all.length ? all.subarray(border) : null;
    const value = ending === null ? all : all.subarray(0, border);
    if (value.length === 0) return next();
    last = value;
    return { done: false, value };
  }

  async function end(last: Uint8Array): Promise<Result> {
    isOver = true;
    await closed;
    return last.length > 0 ? { done: false, value: last } : OVER;
  }

  const onResult = (result: IteratorResult<Uint8Array, unknown>): Result | Promise<Result> => {
    if (result.done) return end(joined(ending, filter?.rest()));
    return pass(filter ? filter.push(result.value) : result.value);
  };
  const onFailure = (error: unknown): Promise<Result> => end(endsInError(last) ? NOTHING : errorEvent(error));

  function next(): Promise<Result> {
    return isOver ? Promise.resolve(OVER) : source.next().then(onResult, onFailure);
  }

  return {
    next,
    async return() {
      isOver = true;
      await source.return?.();
      return OVER;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** An error as an event of a stream of chat completions. */
export function errorEvent(error: unknown): Uint8Array {
  return Buffer.from(`data: ${JSON.stringify(openAiError(asAppError(error)))}\n\n`);
}

export function asAppError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError('internal', 'Something went wrong on our side while the answer was sent. Try again.', { cause });
}

/** Frames end in a brace, so that a bracket before the blank line is the end of `[DONE]`; 0 when it is not there. */
function endMarkLength(bytes: Uint8Array): number {
  const { length } = bytes;
  if (bytes[length - 1] !== LINE_FEED) return 0;
  if (bytes[length - 2] === LINE_FEED) return bytes[length - 3] === CLOSING_BRACKET ? 3 : 0;
  return bytes[length - 2] === CARRIAGE_RETURN && bytes[length - 5] === CLOSING_BRACKET ? 5 : 0;
}

function joined(first: Uint8Array | null, second: Uint8Array | undefined): Uint8Array {
  return Buffer.concat([first ?? NOTHING, second ?? NOTHING]);
}

/** The service has told its failure itself: once is enough. */
function endsInError(last: Uint8Array | null): boolean {
  return last !== null && Buffer.from(last.buffer, last.byteOffset, last.byteLength).includes(ERROR_FRAME);
}
