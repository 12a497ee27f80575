/**
 * Runs the app of one directory as a process: `node local/functions-host/main.ts [directory] [--port N]`.
 *
 * Start it with the flags of heap-limits.ts, as stack.ts does, to bound its heap.
 *
 * Environment: `FUNCTIONS_PORT`, `FUNCTIONS_KEYS_FILE` (see access-keys.ts), `FUNCTIONS_MESSAGE_LEASE_SECONDS`,
 * `FUNCTIONS_BLOB_POLLING_MILLISECONDS`, `FUNCTIONS_BLOB_DELETION_QUEUE` (see blob-listener.ts). Prints one JSON line with `url` once it serves. Ends on SIGTERM, SIGINT or when
 * its parent's IPC channel closes; an error that the app does not handle ends it with exit code 1, as in Azure.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readAccessKeys } from './access-keys.ts';
import { endHeapFlags } from './heap-limits.ts';
import { type FunctionsHost, startFunctionsHost } from './host.ts';
import { type LocalSettings, readLocalSettings } from './host-settings.ts';
import { writeLogLine } from './log.ts';

const DEFAULT_PORT = 7071;

function die(message: string): (error: unknown) => never {
  return (error) => {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeLogLine({ level: 'critical', category: 'Host', message: `${message}: ${detail}` });
    process.exit(1);
  };
}

function readNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Error(`'${text}' is not a whole number.`);
  return number;
}

function toCors({ CORS, CORSCredentials }: LocalSettings['Host']) {
  if (!CORS) return undefined;
  return { origins: CORS.split(',').map((origin) => origin.trim()), credentials: CORSCredentials };
}

function stopWith(host: FunctionsHost): void {
  const stop = () => {
    host.stop().then(() => process.exit(0), die('The host could not stop'));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
}

async function run(): Promise<void> {
  endHeapFlags();
  const { values, positionals } = parseArgs({ options: { port: { type: 'string' } }, allowPositionals: true });
  const appDirectory = resolve(positionals[0] ?? '.');
  process.chdir(appDirectory);
  const { Values, Host } = await readLocalSettings(appDirectory);
  Object.assign(process.env, { ...Values, ...process.env });
  const { FUNCTIONS_PORT, FUNCTIONS_KEYS_FILE, FUNCTIONS_MESSAGE_LEASE_SECONDS } = process.env;
  const host = await startFunctionsHost({
    appDirectory,
    port: readNumber(values.port ?? FUNCTIONS_PORT) ?? Host.LocalHttpPort ?? DEFAULT_PORT,
    keys: FUNCTIONS_KEYS_FILE ? await readAccessKeys(FUNCTIONS_KEYS_FILE) : undefined,
    cors: toCors(Host),
    messageLeaseSeconds: readNumber(FUNCTIONS_MESSAGE_LEASE_SECONDS),
    blobPollingMilliseconds: readNumber(process.env.FUNCTIONS_BLOB_POLLING_MILLISECONDS),
    blobDeletionQueue: process.env.FUNCTIONS_BLOB_DELETION_QUEUE || undefined,
  });
  stopWith(host);
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: host.url })}\n`);
}

process.on('unhandledRejection', die('Unhandled rejection in the app'));
process.on('uncaughtException', die('Uncaught exception in the app'));
run().catch(die('The host could not start'));
