import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of one invocation carries. */
export interface Invocation {
  readonly functionName: string;
  readonly invocationId: string;
  /** W3C trace id: 32 hexadecimal digits. */
  readonly traceId: string;
  tenantId?: string;
  userId?: string;
  sessionId?: string;
}

const storage = new AsyncLocalStorage<Invocation>();

export function runInvocation<T>(invocation: Invocation, run: () => T): T {
  return storage.run(invocation, run);
}

/** Says which conversation the invocation serves, for what it logs and records from now on. */
export function noteSession(sessionId: string): void {
  const invocation = storage.getStore();
  if (invocation) invocation.sessionId = sessionId;
}

export function currentInvocation(): Invocation | undefined {
  return storage.getStore();
}
