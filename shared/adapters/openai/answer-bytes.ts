/** What a socket may be told by whoever reads from it. */
export interface Flow {
  pause(): void;
  resume(): void;
  /** The reader went away. */
  cancel(): void;
}

/** Passes bytes from a socket, which pushes, to one reader, who pulls; untouched, and never more than a megabyte of them. */
export interface AnswerBytes extends AsyncIterable<Uint8Array> {
  readonly isPaused: boolean;
  push(chunk: Uint8Array): void;
  end(failure: Error | null): void;
}

const HIGH_WATER_BYTES = 1024 * 1024;

type Result = IteratorResult<Uint8Array, undefined>;
const DONE: Result = { done: true, value: undefined };

export function createAnswerBytes(flow: Flow): AnswerBytes {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let isPaused = false;
  let ended: { readonly failure: Error | null } | undefined;
  let reader: { resolve(result: Result): void; reject(error: Error): void } | undefined;

  /** All that waits goes together: a service that is fast would else cost a write for each of its tokens. */
  function takeAll(): Uint8Array {
    const [only = Buffer.alloc(0)] = chunks;
    const all = chunks.length === 1 ? only : Buffer.concat(chunks, size);
    chunks = [];
    size = 0;
    if (isPaused) {
      isPaused = false;
      flow.resume();
    }
    return all;
  }

  function next(): Promise<Result> {
    if (chunks.length > 0) return Promise.resolve({ done: false, value: takeAll() });
    if (!ended) return new Promise((resolve, reject) => (reader = { resolve, reject }));
    const { failure } = ended;
    ended = { failure: null };
    return failure ? Promise.reject(failure) : Promise.resolve(DONE);
  }

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next,
    return() {
      chunks = [];
      ended ??= { failure: null };
      reader?.resolve(DONE);
      reader = undefined;
      flow.cancel();
      return Promise.resolve(DONE);
    },
  };
  return {
    get isPaused() {
      return isPaused;
    },
    push(chunk) {
      if (ended) return;
      if (reader) {
        const { resolve } = reader;
        reader = undefined;
        resolve({ done: false, value: chunk });
        return;
      }
      chunks.push(chunk);
      size += chunk.length;
      if (size < HIGH_WATER_BYTES || isPaused) return;
      isPaused = true;
      flow.pause();
    },
    end(failure) {
      if (ended) return;
      ended = { failure };
      if (!reader) return;
      const { resolve, reject } = reader;
      reader = undefined;
      ended = { failure: null };
      if (failure) reject(failure);
      else resolve(DONE);
    },
    [Symbol.asyncIterator]: () => iterator,
  };
}
