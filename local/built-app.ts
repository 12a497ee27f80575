import { createHash } from 'node:crypto';
import { glob, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildApp } from '../build.ts';

const SOURCES = ['functions/**/*.ts', 'shared/**/*.ts', 'build.ts', 'host.json', 'package-lock.json'];
const MARK = 'built-from';

/** Builds the app into a folder, unless what lies there was built from these very sources. */
export async function ensureApp(output: string): Promise<void> {
  const wanted = await fingerprint();
  if ((await readFile(join(output, MARK), 'utf8').catch(() => '')) === wanted) return;
  await buildApp(output, true);
  await writeFile(join(output, MARK), wanted);
}

/** Changes whenever a source file does: names, sizes and times, which is as much as a build tool looks at. */
async function fingerprint(): Promise<string> {
  const lines: string[] = [];
  for await (const path of glob(SOURCES)) {
    const { size, mtimeMs } = await stat(path);
    lines.push(`${path} ${size} ${mtimeMs}`);
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}
