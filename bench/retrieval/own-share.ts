import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startLocalProcess } from '../../local/child-process.ts';
import { INVOCATION_ID_HEADER } from '../../local/functions-host/http-request.ts';
import { clientWithToken } from '../../local/platform-client.ts';
import type { Stack } from '../../local/stack.ts';
import { workerHeaders } from '../gateway/platform.ts';

export interface Served {
  /** Milliseconds from the request's arrival to the end of its answer. */
  readonly whole: number;
  /** Of them, those in which the process waited for no other service. */
  readonly own: number;
  /** Processor time of the whole process meanwhile, which another load on the machine changes little. */
  readonly cpu: number;
}

const ENTRY = fileURLToPath(new URL('./waiting-process.ts', import.meta.url));
const WARM_UP_QUESTIONS = 30;
/** What goes on after an answer, such as its usage event, must not count as waiting of the next. */
const PAUSE_MILLISECONDS = 15;

/** Asks questions one after another of an instance of the app that tells what each took of its own time. */
export async function measureOwnShare(
  {
    env,
    appDirectory,
    directory,
    token,
  }: { env: Stack['env']; appDirectory: string; directory: string; token: string },
  path: string,
  bodies: readonly object[],
): Promise<Served[]> {
  const served: Served[] = [];
  const app = await startLocalProcess({
    name: 'own-share',
    entry: ENTRY,
    arguments: [appDirectory],
    environment: { ...env, LOG_LEVEL: 'warn' },
    logFile: join(directory, 'own-share.log'),
    onLine: (line) => {
      if (line.startsWith('{"served"')) served.push(JSON.parse(line) as Served);
    },
  });
  try {
    const client = clientWithToken(app.ready.url ?? '', token);
    for (const body of [...bodies.slice(0, WARM_UP_QUESTIONS), ...bodies]) {
      const headers = { ...workerHeaders, [INVOCATION_ID_HEADER]: randomUUID() };
      const { status } = await client.call('POST', path, body, headers);
      if (status !== 200) throw new Error(`A search answered ${status}.`);
      await sleep(PAUSE_MILLISECONDS);
    }
    return served.slice(-bodies.length);
  } finally {
    await app.stop();
  }
}
