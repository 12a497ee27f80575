import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp, fillCompileCache } from '../build.ts';
import { type PlatformClient, platformClient } from '../local/platform-client.ts';
import { prepareStores } from '../local/seed.ts';
import { type App, type AppOptions, type Stack, type StackOptions, startStack } from '../local/stack.ts';
import type { KnowledgeBase } from '../shared/contracts/knowledge-bases.ts';

const LONGEST_LINE = 1000;

export interface PrivateStack {
  readonly stack: Stack;
  /** The bundle as it is deployed, its compile cache included. */
  readonly appDirectory: string;
  /** For whatever the bench writes; removed afterwards. */
  readonly directory: string;
  /** Starts one more instance of the app; it is stopped with the stack. Logs warnings only, if nothing else is said. */
  startApp(options?: AppOptions): Promise<App>;
}

/** Runs a bench on a stack of its own, with free ports and in a folder that is removed afterwards. */
export async function withPrivateStack<T>(
  run: (privateStack: PrivateStack) => Promise<T>,
  { embedding = 'hashing' }: Pick<StackOptions, 'embedding'> = {},
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'platform-bench-'));
  const appDirectory = join(directory, 'app');
  await buildApp(appDirectory);
  await fillCompileCache(appDirectory);
  const stack = await startStack({
    ports: 'free',
    stateDirectory: join(directory, 'state'),
    embedding,
    environment: {},
  });
  try {
    await prepareStores(stack.env);
    const startApp = ({ env, ...options }: AppOptions = {}) =>
      stack.startApp({ directory: appDirectory, env: { LOG_LEVEL: 'warn', ...env }, onLine: showProblem, ...options });
    return await run({ stack, appDirectory, directory, startApp });
  } finally {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The demo person who may chat and keep knowledge bases, signed in at an instance of the app. */
export function signIn(app: App, { urls }: Stack): Promise<PlatformClient> {
  return platformClient(app.url, urls.identity, 'kim');
}

export function createKnowledgeBase(keeper: PlatformClient, name: string): Promise<KnowledgeBase> {
  return keeper.must('POST', '/api/v1/knowledge-bases', { name });
}

/** Lines of the app's log that say that something went wrong. */
export function showProblem(line: string): void {
  if (/"level":"(warn|error|critical)/.test(line)) console.warn(line.slice(0, LONGEST_LINE));
}
