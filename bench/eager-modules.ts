import { build } from 'esbuild';
import { bundleOptions } from '../build.ts';

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)/;

/** Bytes of each package that the bundle's entry loads before its first use of anything, largest first. */
export async function eagerBytes(): Promise<Map<string, number>> {
  const { metafile } = await build({ ...bundleOptions('dist'), write: false, metafile: true });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((path) => path.endsWith('/main.js')) ?? '';
  // The entry switches the compile cache on and then imports everything else, so its own imports count as eager.
  const waiting = [entry, ...(outputs[entry]?.imports ?? []).map(({ path }) => path)];
  const eager = new Set<string>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const output = outputs[path];
    if (!output || eager.has(path)) continue;
    eager.add(path);
    waiting.push(...output.imports.filter(({ kind }) => kind === 'import-statement').map((imported) => imported.path));
  }
  const bytes = new Map<string, number>();
  for (const path of eager) {
    for (const [input, { bytesInOutput }] of Object.entries(outputs[path]?.inputs ?? {})) {
      const name = PACKAGE.exec(input)?.[1] ?? 'our own code';
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return new Map([...bytes].sort(([, a], [, b]) => b - a));
}
