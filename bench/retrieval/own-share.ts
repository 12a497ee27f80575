import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startLocalProcess } from '../../local/child-process.ts';
import { INVOCATION_ID_HEADER } from '../../local/functions-host/http-request.ts';
import { clientWithToken } from '../../local/platform-client.ts';
import type { Stack } from '../../local/stack.ts';
import { sharesOfProfile, type TimeWindow } from '../cpu-profile.ts';
import { workerHeaders } from '../gateway/platform.ts';

export interface Served {
  /** Milliseconds in which the process waited for no other service, and for no core that another process had. */
  readonly own: number;
  readonly windows: readonly TimeWindow[];
  /** Processor time of the whole process until its answer, in milliseconds. */
  readonly cpu: number;
}

export interface OwnShare {
  readonly served: readonly Served[];
  /** By who caused the time that is `own`, of an instance that is sampled, 0 to 1. */
  readonly shares: ReadonlyMap<string, number>;
}

export interface Questions {
  readonly path: string;
  /** Asked before, so that the code is compiled as in an instance that has served for some time. */
  readonly warmUp: readonly object[];
  readonly measured: readonly object[];
}

interface Instance {
  readonly env: Stack['env'];
  readonly appDirectory: string;
  readonly directory: string;
  readonly token: string;
}

const ENTRY = fileURLToPath(new URL('./waiting-process.ts', import.meta.url));
const SAMPLE_MICROSECONDS = 100;
/** What goes on after an answer, such as its usage event, must not count as waiting of the next. */
const PAUSE_MILLISECONDS = 15;

/** Asks questions one after another of an instance of the app that tells what each took of its own time, and of one that is sampled. */
export async function measureOwnShare(instance: Instance, questions: Questions): Promise<OwnShare> {
  const served = await ask(instance, questions);
  const profile = await mkdtemp(join(instance.directory, 'profile-'));
  const NODE_OPTIONS = `--cpu-prof --cpu-prof-interval=${SAMPLE_MICROSECONDS} --cpu-prof-dir=${profile}`;
  const sampled = await ask({ ...instance, env: { ...instance.env, NODE_OPTIONS } }, questions);
  return {
    served,
    shares: await sharesOfProfile(
      profile,
      sampled.flatMap(({ windows }) => windows),
    ),
  };
}

async function ask({ env, appDirectory, directory, token }: Instance, { path, warmUp, measured }: Questions) {
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
    for (const body of [...warmUp, ...measured]) {
      const headers = { ...workerHeaders, [INVOCATION_ID_HEADER]: randomUUID() };
      const { status } = await client.call('POST', path, body, headers);
      if (status !== 200) throw new Error(`A search answered ${status}.`);
      await sleep(PAUSE_MILLISECONDS);
    }
    return served.slice(-measured.length);
  } finally {
    await app.stop();
  }
}
