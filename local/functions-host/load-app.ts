import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AppState } from './core-module.ts';

/** What the worker tells the library that it can do; the library adds `HttpUri` when it streams HTTP. */
const WORKER_CAPABILITIES = {
  RawHttpBodyBytes: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  RpcHttpBodyOnly: 'true',
  IgnoreEmptyValuedRpcHttpHeaders: 'true',
  UseNullableValueDictionaryForHttp: 'true',
  WorkerStatus: 'true',
  TypedDataCollection: 'true',
  HandlesWorkerTerminateMessage: 'true',
};

/** What the app offers once it is loaded. */
export interface LoadedApp {
  /** Where the library's HTTP streaming server listens; undefined when the app has not enabled streaming. */
  readonly httpUri: string | undefined;
}

/** Imports the files that package.json's `main` names (a glob is allowed), runs the start hooks and ends start-up. */
export async function loadApp(appDirectory: string, app: AppState): Promise<LoadedApp> {
  const pattern = await readEntryPoint(appDirectory);
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: appDirectory })) files.push(file);
  if (files.length === 0) throw unloadable(pattern, new Error('File does not exist'));
  for (const file of files.sort()) {
    await import(pathToFileURL(join(appDirectory, file)).href).catch((cause: unknown) => {
      throw unloadable(file, cause);
    });
  }
  await app.runHooks('appStart', {
    hookData: app.appLevelOnlyHookData,
    appHookData: app.appHookData,
    functionAppDirectory: appDirectory,
  });
  app.locked = true;
  const capabilities = await app.programmingModel?.getCapabilities?.({ ...WORKER_CAPABILITIES });
  return { httpUri: capabilities?.HttpUri };
}

async function readEntryPoint(appDirectory: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(appDirectory, 'package.json'), 'utf8')) as { main?: string };
  if (!manifest.main) throw new Error(`The app's package.json has no "main", so there is nothing to load.`);
  return manifest.main;
}

function unloadable(file: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`Worker was unable to load entry point "${file}": ${message}`, { cause });
}
