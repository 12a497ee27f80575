import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildApp } from '../../../build.ts';
import { prepareStores } from '../../../local/seed.ts';
import { startStack } from '../../../local/stack.ts';

export interface SharedStack {
  readonly apiUrl: string;
  readonly appLogFile: string;
  readonly appDirectory: string;
  readonly directory: string;
  readonly urls: Readonly<Record<'blob' | 'queue' | 'cosmos' | 'qdrant' | 'identity' | 'models', string>>;
  readonly env: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: SharedStack;
  }
}

/** By the clock it would mend what tests break on purpose. */
const UNMENDED = { 'AzureWebJobs.reconcile.Disabled': 'true' };

/** One local stack on free ports for all integration tests, with the very bundle that is deployed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'platform-test-'));
  const appDirectory = join(directory, 'app');
  const [stack] = await Promise.all([
    startStack({ ports: 'free', stateDirectory: join(directory, 'state'), embedding: 'hashing' }),
    buildApp(appDirectory),
  ]);
  try {
    await prepareStores(stack.env);
    const app = await stack.startApp({ directory: appDirectory, env: UNMENDED });
    const { urls, env } = stack;
    project.provide('stack', { apiUrl: app.url, appLogFile: app.logFile, appDirectory, directory, urls, env });
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return async () => {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
