import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Equal requests, so many of them at a time. */
export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly model: string; readonly stream?: boolean; readonly messages: readonly object[] };
  readonly requests: number;
  readonly parallel: number;
  /** Over how many milliseconds those who send are spread at the beginning; 0: they begin together. */
  readonly spreadMilliseconds: number;
}

export interface LoadResult {
  readonly seconds: number;
  /** Milliseconds from each request to its first token, or to its whole answer. */
  readonly latencies: readonly number[];
  /** What was answered instead of a whole answer. */
  readonly failures: readonly string[];
}

/** Sends loads from a process of its own, whose connections live as long as it. */
export interface LoadGenerator {
  send(load: Load): Promise<LoadResult>;
  stop(): void;
}

const ENTRY = fileURLToPath(new URL('./load-process.ts', import.meta.url));

export function startLoadGenerator(): LoadGenerator {
  const child = fork(ENTRY);
  const ended = once(child, 'exit').then((): never => {
    throw new Error('The load generator ended.');
  });
  ended.catch(() => undefined);
  return {
    async send(load) {
      child.send(load);
      const [result] = await Promise.race([once(child, 'message'), ended]);
      return result as LoadResult;
    },
    stop: () => child.disconnect(),
  };
}
