/** Runs Azurite until the parent process disconnects; prints one JSON line with its addresses when it is ready. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

interface AzuriteServer {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

type Configured = new (...settings: unknown[]) => object;
type Serving = new (configuration: object) => AzuriteServer;

interface LokiDatabase {
  autosaveInterval: number;
  ignoreAutosave: boolean;
}
interface Loki {
  prototype: {
    autosaveEnable(this: LokiDatabase): void;
    saveDatabase(this: LokiDatabase, callback?: (error?: unknown) => void): void;
  };
}

/** Azurite saves its metadata every 5 s; so long a loss after a crash would be felt. */
const AUTOSAVE_MS = 250;
/** A save writes everything. So that thousands of blobs leave time for requests, it waits for so many times what the last one took. */
const PAUSE_AFTER_SAVE = 19;
const LONGEST_PAUSE_MS = 5000;
/** Longer than the Azure SDKs keep an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_SECONDS = 120;
const PREDECESSOR_WAIT_MS = 5000;
const PREDECESSOR_POLL_MS = 20;
const LAST_SAVE_MS = 3000;
const HOST = '127.0.0.1';

enableCompileCache();
const require = createRequire(import.meta.url);
const azurite = 'azurite/dist/src';

function load<Type>(path: string): Type {
  return (require(`${azurite}/${path}`) as { default: Type }).default;
}

function saveOften(): void {
  const loki = createRequire(require.resolve(`${azurite}/main.js`))('lokijs') as Loki;
  const enable = loki.prototype.autosaveEnable;
  loki.prototype.autosaveEnable = function enableOften() {
    this.autosaveInterval = AUTOSAVE_MS;
    enable.call(this);
  };
  const save = loki.prototype.saveDatabase;
  loki.prototype.saveDatabase = function saveAndPause(callback) {
    const startedAt = performance.now();
    save.call(this, callback);
    const pause = Math.min((performance.now() - startedAt) * PAUSE_AFTER_SAVE, LONGEST_PAUSE_MS);
    this.ignoreAutosave = true;
    setTimeout(() => {
      this.ignoreAutosave = false;
    }, pause).unref();
  };
}

/** The settings that follow the storage ones, in the order of Azurite's configuration classes. */
function sharedSettings(): unknown[] {
  const [accessLog, debugLog, loose, skipApiVersionCheck] = [false, false, false, true];
  return [accessLog, undefined, debugLog, undefined, loose, skipApiVersionCheck];
}

function storageServer(kind: 'blob' | 'queue', port: number, directory: string): AzuriteServer {
  const title = kind === 'blob' ? 'Blob' : 'Queue';
  const Configuration = load<Configured>(`${kind}/${title}Configuration.js`);
  const Server = load<Serving>(`${kind}/${title}Server.js`);
  const extents = [{ locationId: 'Default', locationPath: join(directory, kind), maxConcurrency: 1 }];
  const files = [join(directory, `${kind}.json`), join(directory, `${kind}-extents.json`), extents];
  return new Server(new Configuration(HOST, port, KEEP_ALIVE_SECONDS, ...files, ...sharedSettings()));
}

function tableServer(port: number, directory: string): AzuriteServer {
  const Configuration = load<Configured>('table/TableConfiguration.js');
  const Server = load<Serving>('table/TableServer.js');
  const logging = [false, false, undefined, undefined, false, true];
  return new Server(new Configuration(HOST, port, KEEP_ALIVE_SECONDS, join(directory, 'table.json'), ...logging));
}

const { values } = parseArgs({
  options: {
    'blob-port': { type: 'string', default: '0' },
    'queue-port': { type: 'string', default: '0' },
    'table-port': { type: 'string', default: '0' },
    'state-directory': { type: 'string', default: '.' },
  },
});
const directory = values['state-directory'];
const pidFile = join(directory, 'azurite.pid');
await waitForPredecessor();
writeFileSync(pidFile, String(process.pid));
saveOften();
const blob = storageServer('blob', Number(values['blob-port']), directory);
const queue = storageServer('queue', Number(values['queue-port']), directory);
const table = tableServer(Number(values['table-port']), directory);
const servers = [blob, queue, table];

/** A stack that was killed leaves an Azurite that is still saving what this one is about to read. */
async function waitForPredecessor(): Promise<void> {
  const deadline = Date.now() + PREDECESSOR_WAIT_MS;
  while (existsSync(pidFile) && isRunning(Number(readFileSync(pidFile, 'utf8'))) && Date.now() < deadline) {
    await delay(PREDECESSOR_POLL_MS);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Stops serving; the process ends by itself when the last save, which may be under way unasked, is on the disk. */
async function end(): Promise<void> {
  setTimeout(() => process.exit(0), LAST_SAVE_MS).unref();
  await Promise.allSettled(servers.map((server) => server.close()));
}

process.once('disconnect', end).once('SIGTERM', end);
process.once('exit', () => rmSync(pidFile, { force: true }));
await Promise.all(servers.map((server) => server.start()));
console.log(
  JSON.stringify({
    url: blob.getHttpServerAddress(),
    queueUrl: queue.getHttpServerAddress(),
    tableUrl: table.getHttpServerAddress(),
  }),
);
