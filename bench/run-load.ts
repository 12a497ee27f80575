import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Load, LoadResult } from './chat-load.ts';

const ENTRY = fileURLToPath(new URL('./chat-load.ts', import.meta.url));
const MAX_OUTPUT_BYTES = 10 * 1024 * 1024;
const run = promisify(execFile);

/** Sends a load from a process of its own, so that sending neither slows nor is slowed by the emulators. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const { stdout } = await run(process.execPath, [ENTRY, JSON.stringify(load)], { maxBuffer: MAX_OUTPUT_BYTES });
  return JSON.parse(stdout) as LoadResult;
}
