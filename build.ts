import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin, stop } from 'esbuild';
import { apiDocsAssets } from './shared/edge/api-docs-page.ts';
import { CHARACTER_MAPS_FOLDER, characterMapsFolder } from './shared/ingestion/extraction/pdf/character-maps.ts';

/** Bundled packages that are CommonJS ask for `require`, `__filename` and `__dirname`, which ES modules lack. */
const COMMONJS_FOR_BUNDLE = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('\n');

/** Root, and the first ordinary user of a Linux image. */
const RUNTIME_USERS = [0, 1000];

/**
 * Builds the function app into a folder that can be run or deployed as it is: the bundle, what it loads on first use in
 * files of their own, `host.json` and a `package.json`.
 * @param isReadable leaves out minifying and source maps, for a developer's machine: a third of the time.
 */
export async function buildApp(output: string, isReadable = false): Promise<void> {
  await rm(output, { recursive: true, force: true });
  const options = { ...bundleOptions(output), ...(isReadable && { minify: false, sourcemap: false }) };
  await Promise.all([build(options), copyApiDocs(output), copyCharacterMaps(output), copyHostFiles(output)]);
  // Its service holds a gigabyte for as long as a process that has built goes on.
  await stop();
}

/** Leaves out zod's messages in some fifty languages, a third of what a cold start would load; ours are in English. */
const onlyEnglishMessages: Plugin = {
  name: 'only-english-messages',
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
  },
};

/** How the app is bundled: what is imported on first use gets a file of its own. */
export function bundleOptions(output: string): BuildOptions {
  return {
    entryPoints: {
      main: 'functions/main.ts',
      'extraction-worker': 'shared/ingestion/extraction/extraction-worker.ts',
    },
    outdir: output,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    external: ['@azure/functions-core'],
    plugins: [onlyEnglishMessages],
    banner: { js: COMMONJS_FOR_BUNDLE },
    legalComments: 'none',
    logLevel: 'warning',
  };
}

async function copyHostFiles(output: string): Promise<void> {
  await mkdir(output, { recursive: true });
  await cp('host.json', join(output, 'host.json'));
  await writeFile(join(output, 'package.json'), JSON.stringify({ type: 'module', main: 'main.js' }));
}

/** Puts the files of the API's documentation pages beside the bundle. */
async function copyApiDocs(output: string): Promise<void> {
  const folder = join(output, 'api-docs');
  await mkdir(folder, { recursive: true });
  const require = createRequire(import.meta.url);
  for (const [name, asset] of Object.entries(apiDocsAssets)) {
    if ('text' in asset) continue;
    const [packageName = '', ...path] = asset.packageFile.split('/');
    await cp(join(dirname(require.resolve(`${packageName}/package.json`)), ...path), join(folder, name));
  }
}

/** Puts the character maps that PDFs may name beside the bundle. */
async function copyCharacterMaps(output: string): Promise<void> {
  await cp(characterMapsFolder(), join(output, CHARACTER_MAPS_FOLDER), { recursive: true });
}

/** Loads every file of the bundle once, so that its compiled code is shipped with it and a cold start need not compile. */
export async function fillCompileCache(output: string): Promise<void> {
  const files = (await readdir(output)).filter((name) => name.endsWith('.js') && name !== 'extraction-worker.js');
  const urls = ['main.js', ...files].map((name) => `file://${resolve(output, name)}`);
  const script = `for (const url of ${JSON.stringify(urls)}) await import(url).catch(() => undefined);
    (await import('node:module')).flushCompileCache(); process.exit(0);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  if (status !== 0) throw new Error('The bundle could not be loaded to fill its compile cache.');
  await shareCompileCache(join(output, 'compile-cache'));
}

/** Node names a cache after the user that made it and reads no other, so users that the app may run as get copies. */
async function shareCompileCache(directory: string): Promise<void> {
  const [made = ''] = await readdir(directory);
  const copies = RUNTIME_USERS.map((user) => made.replace(/\d+$/, String(user))).filter((name) => name !== made);
  await Promise.all(copies.map((name) => cp(join(directory, made), join(directory, name), { recursive: true })));
}

if (import.meta.main) {
  const output = 'dist';
  await buildApp(output);
  await fillCompileCache(output);
}
