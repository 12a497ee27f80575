import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** What every log line of one invocation carries. */
export interface Invocation {
  readonly functionName: string;
  readonly invocationId: string;
  /** W3C trace id: 32 hexadecimal digits. */
  readonly traceId: string;
  tenantId?: string;
  userId?: string;
}

const storage = new AsyncLocalStorage<Invocation>();
/** Version 00; an id of zeros only is invalid. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export function runInvocation<T>(invocation: Invocation, run: () => T): T {
  return storage.run(invocation, run);
}

export function currentInvocation(): Invocation | undefined {
  return storage.getStore();
}

/** The trace id of a W3C `traceparent`, or a new one when there is none that is valid. */
export function traceIdOf(traceparent: string | null | undefined): string {
  return TRACEPARENT.exec(traceparent ?? '')?.[1] ?? randomBytes(16).toString('hex');
}
