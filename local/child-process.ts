import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { openLogFile } from './log-file.ts';

/** A part of the local stack that runs in a process of its own. */
export interface LocalProcess {
  /** The fields of the JSON line that the process printed when it was ready. */
  readonly ready: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Resolves with the last lines of the log when the process has ended for whatever reason. */
  readonly exited: Promise<string>;
  /** Asks the process to end, and ends it when it does not. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
}

export interface LocalProcessOptions {
  /** Used in error messages. */
  readonly name: string;
  /** The module to run, which prints a JSON line with a `url` when it is ready. */
  readonly entry: string;
  readonly arguments?: readonly string[];
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[];
  readonly environment?: Record<string, string | undefined>;
  readonly directory?: string;
  readonly logFile: string;
  /** Receives each line of the process's output. */
  readonly onLine?: ((line: string) => void) | undefined;
}

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5000;
const LAST_LINES = 20;

/**
 * Starts a part of the stack and waits until it is ready; rejects with its last words when it ends before that.
 * The child runs in a process group of its own, so that Ctrl-C reaches its parent alone, and ends when the channel to its
 * parent closes, which the system does even after a `kill -9` of the parent.
 */
export async function startLocalProcess(options: LocalProcessOptions): Promise<LocalProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const command = [...(options.nodeFlags ?? []), options.entry, ...(options.arguments ?? [])];
  const child = spawn(process.execPath, command, {
    cwd: options.directory,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const lastLines: string[] = [];
  const ready = watchOutput(child, options, lastLines);
  const exited = once(child, 'close').then(() => lastLines.join('\n'));
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const outcome = await Promise.race([ready, exited, timeout(READY_TIMEOUT_MS)]);
  if (typeof outcome === 'object')
    return { ready: outcome, pid: child.pid ?? 0, exited, stop: () => stop(child), kill };
  if (outcome === undefined) await kill();
  throw new Error(`The ${options.name} did not start:\n${lastLines.join('\n')}`);
}

function watchOutput(child: ChildProcess, options: LocalProcessOptions, lastLines: string[]) {
  const log = openLogFile(options.logFile);
  return new Promise<Record<string, string>>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.write(line);
        lastLines.push(line);
        if (lastLines.length > LAST_LINES) lastLines.shift();
        options.onLine?.(line);
        const ready = stream === child.stdout ? parseReady(line) : undefined;
        if (ready) resolve(ready);
      });
    }
    child.once('error', (error) => lastLines.push(error.message));
    child.once('close', () => log.close());
  });
}

function parseReady(line: string): Record<string, string> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    // A line of a structured log has a level, whatever else is in it.
    return typeof parsed.url === 'string' && !('level' in parsed) ? (parsed as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

function timeout(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), milliseconds).unref();
  });
}
