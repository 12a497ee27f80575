import { setTimeout as sleep } from 'node:timers/promises';
import type { Invoker } from './invocation.ts';
import type { Log } from './log.ts';

/** What every listener works with. */
export interface ListenerContext {
  readonly functionName: string;
  readonly invoker: Invoker;
  readonly log: Log;
}

/** Watches for one function's events. */
export interface Listener {
  /** Runs the function by hand, with the text that the admin route was given. */
  run(input: string): Promise<void>;
  /** Starts to watch. */
  start(): Promise<void>;
  /** Takes nothing new at once; resolves when what runs has ended. */
  stop(): Promise<void>;
  /** Gives back what did not end, so that it can be taken again at once. */
  release?(): Promise<void>;
}

/** Waits; ends early, without an error, when the signal fires. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
