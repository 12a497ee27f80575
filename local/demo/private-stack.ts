import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../build.ts';
import { demoPolicies } from '../demo-policies.ts';
import { prepareStores } from '../seed.ts';
import { type App, type Stack, startStack } from '../stack.ts';
import type { DemoTarget } from './demo-context.ts';

/** About what hosted models write, so that an answer can be seen to stream. */
const MODEL_TOKENS_PER_SECOND = 60;
const LAST_COMPLAINTS = 20;
/** A structured line below the level of a warning. */
const ROUTINE = /^\{(?!.*"level":"(?:warn|error|fatal|critical))/;

/** A platform that nobody else uses, with everything it knows in a temporary directory. */
export interface PrivateStack {
  readonly target: DemoTarget;
  /** Resolves with what happened when a part of it ends although nobody stopped it. */
  readonly failure: Promise<string>;
  /** The last warnings and errors in the app's log. */
  lastComplaints(): Promise<string>;
  /** Stops it and removes what it left behind. */
  close(): Promise<void>;
}

/** Builds the app and starts it on free ports; leaves nothing behind when that fails. */
export async function openPrivateStack(): Promise<PrivateStack> {
  const directory = await mkdtemp(join(tmpdir(), 'platform-demo-'));
  const removeNow = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', removeNow);
  let stack: Stack | undefined;

  async function close(): Promise<void> {
    await stack?.stop();
    await rm(directory, { recursive: true, force: true });
    process.off('exit', removeNow);
  }

  try {
    const appDirectory = join(directory, 'app');
    const starting = startStack({ ports: 'free', stateDirectory: join(directory, 'state'), embedding: 'model' });
    const [started, built] = await Promise.allSettled([starting, buildApp(appDirectory)]);
    if (started.status === 'fulfilled') stack = started.value;
    const failed = [started, built].find((outcome) => outcome.status === 'rejected');
    if (!stack || failed) throw failed?.reason;
    await Promise.all([prepareStores(stack.env, demoPolicies), setPace(stack)]);
    const app = await stack.startApp({ directory: appDirectory });
    return {
      target: targetOf(stack, app),
      failure: failureOf(stack, app),
      lastComplaints: () => lastComplaintsIn(app.logFile),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function setPace(stack: Stack): Promise<void> {
  const response = await fetch(`${stack.urls.models}/_control/settings`, {
    method: 'PUT',
    body: JSON.stringify({ tokensPerSecond: MODEL_TOKENS_PER_SECOND }),
  });
  if (!response.ok) throw new Error(`The model server refused its pace: ${await response.text()}`);
}

async function lastComplaintsIn(file: string): Promise<string> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines
    .filter((line) => !ROUTINE.test(line))
    .slice(-LAST_COMPLAINTS)
    .join('\n');
}

function targetOf(stack: Stack, app: App): DemoTarget {
  const { identity: identityUrl, models: modelsUrl } = stack.urls;
  return { apiUrl: app.url, identityUrl, modelsUrl, storage: stack.env.PlatformStorage ?? '' };
}

function failureOf(stack: Stack, app: App): Promise<string> {
  return Promise.race([stack.failure, app.exited.then(() => 'The app ended.')]);
}
