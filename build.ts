import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { apiDocsAssets } from './shared/edge/api-docs-page.ts';

/** Bundled packages that are CommonJS ask for `require`, `__filename` and `__dirname`, which ES modules lack. */
const COMMONJS_FOR_BUNDLE = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('\n');

/**
 * Builds the function app into a folder that can be run or deployed as it is: the bundle, what it loads on first use in
 * files of their own, `host.json` and a `package.json`.
 */
export async function buildApp(output: string): Promise<void> {
  await rm(output, { recursive: true, force: true });
  await Promise.all([bundle(output), copyApiDocs(output), copyHostFiles(output)]);
}

async function bundle(output: string): Promise<void> {
  await build({
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
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    external: ['@azure/functions-core'],
    banner: { js: COMMONJS_FOR_BUNDLE },
    legalComments: 'none',
    logLevel: 'warning',
  });
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

/** Loads every file of the bundle once, so that its compiled code is shipped with it and a cold start need not compile. */
async function fillCompileCache(output: string): Promise<void> {
  const files = (await readdir(output)).filter((name) => name.endsWith('.js') && name !== 'extraction-worker.js');
  const urls = ['main.js', ...files].map((name) => `file://${resolve(output, name)}`);
  const script = `for (const url of ${JSON.stringify(urls)}) await import(url).catch(() => undefined);
    (await import('node:module')).flushCompileCache(); process.exit(0);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  if (status !== 0) throw new Error('The bundle could not be loaded to fill its compile cache.');
}

if (import.meta.main) {
  const output = 'dist';
  await buildApp(output);
  await fillCompileCache(output);
}
