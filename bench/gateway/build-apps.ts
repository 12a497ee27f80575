import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, stop } from 'esbuild';
import { bundleOptions } from '../../build.ts';

/** Modules that reach for a store's client, and what stands in for each. */
const STAND_INS: readonly (readonly [RegExp, string])[] = [
  [/shared[\\/]adapters[\\/]cosmos[\\/]client\.ts$/, './instant-cosmos.ts'],
  [/shared[\\/]adapters[\\/]storage-queue[\\/]queue-service\.ts$/, './instant-queue-service.ts'],
];

const instantStores: Plugin = {
  name: 'instant-stores',
  setup({ onLoad }) {
    for (const [filter, standIn] of STAND_INS) {
      const file = fileURLToPath(new URL(standIn, import.meta.url));
      onLoad({ filter }, () => ({ contents: `export * from ${JSON.stringify(file)};`, loader: 'ts', resolveDir: '.' }));
    }
  },
};

/** Builds the app as it is deployed, but for stores in its own memory that answer at once. */
export async function buildInstantApp(output: string): Promise<void> {
  const { plugins = [], ...options } = bundleOptions(output);
  await build({ ...options, plugins: [...plugins, instantStores] });
  await finish(output);
}

/** Builds the app that only forwards. */
export async function buildFloorApp(output: string): Promise<void> {
  const entryPoints = { main: fileURLToPath(new URL('./floor-app.ts', import.meta.url)) };
  await build({ ...bundleOptions(output), entryPoints });
  await finish(output);
}

async function finish(output: string): Promise<void> {
  await stop();
  await mkdir(output, { recursive: true });
  await writeFile(join(output, 'package.json'), JSON.stringify({ type: 'module', main: 'main.js' }));
}
