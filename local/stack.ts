import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LocalProcess, startLocalProcess } from './child-process.ts';
import { type Azurite, startAzurite } from './emulators/azurite.ts';
import { type CosmosEmulator, startCosmos } from './emulators/cosmos/server.ts';
import type { Emulator } from './emulators/emulator.ts';
import { API_AUDIENCE, SHELL_CLIENT_ID, WEB_CLIENT_ID } from './emulators/identity/access-token.ts';
import { startIdentity } from './emulators/identity/server.ts';
import { startQdrant } from './emulators/qdrant/server.ts';
import { HEAP_FLAGS } from './functions-host/heap-limits.ts';
import { writeModelsFile } from './models-file.ts';
import { tenants } from './people.ts';
import { assertPortsFree, freePorts, type Ports } from './ports.ts';

export interface StackOptions {
  /** `free` collides with nothing; otherwise taken ports are an error that names them. */
  readonly ports: 'free' | Ports;
  /** Everything that must survive a restart, and the logs. One stack at a time may use it. */
  readonly stateDirectory: string;
  /** Which deployment embeds: the real local model (the default), or the fast hashing one for load tests. */
  readonly embedding?: 'model' | 'hashing';
  /** Lets the user's own `MODELS_FILE`, `AZURE_OPENAI_*` and `OPENAI_*` settings win over the local model server. */
  readonly environment?: Record<string, string | undefined>;
}

export interface AppOptions {
  /** 0 picks a free one; the stack's own app port when left out. */
  readonly port?: number;
  /** Settings that win over the stack's. */
  readonly env?: Record<string, string>;
  /** Where the app's `package.json` and `host.json` are; the working directory when left out. */
  readonly directory?: string;
  /** Receives each line of the app's log. */
  readonly onLine?: (line: string) => void;
}

/** A running Functions host with the app in it. */
export interface App {
  readonly url: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with its last log lines when it has ended for whatever reason. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
  /** Ends it as a crash would (`SIGKILL`). */
  kill(): Promise<void>;
}

/** The emulators, and the settings with which an app finds them. */
export interface Stack {
  readonly urls: Readonly<Record<'blob' | 'queue' | 'cosmos' | 'qdrant' | 'identity' | 'models', string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Resolves with what happened when an emulator's process ends although nobody stopped it. */
  readonly failure: Promise<string>;
  startApp(options?: AppOptions): Promise<App>;
  /** Stops the apps, then the emulators. Safe to call twice. */
  stop(): Promise<void>;
}

interface Emulators {
  readonly azurite: Azurite;
  readonly cosmos: CosmosEmulator;
  readonly qdrant: Emulator;
  readonly identity: Emulator;
  readonly models: LocalProcess;
}

const MODEL_SETTING = /^(AZURE_)?OPENAI_|^MODELS_FILE$/;
/** Settings of a single model, which a models file would win over. */
const SINGLE_MODEL_SETTING = /^(AZURE_OPENAI|OPENAI|CHAT)_/;

/** Starts every emulator at once and waits until all of them answer; when one cannot start, the others are stopped. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const ports = options.ports === 'free' ? freePorts : options.ports;
  if (options.ports !== 'free') await assertPortsFree(options.ports);
  mkdirSync(options.stateDirectory, { recursive: true });
  const emulators = await startEmulators(ports, options.stateDirectory);
  const { azurite, cosmos, qdrant, identity, models } = emulators;
  const embeddingModel = options.embedding === 'hashing' ? 'local-hashing-embedding' : 'local-embedding';
  const env = {
    ...settingsOf(emulators, embeddingModel),
    MODELS_FILE: writeModelsFile(options.stateDirectory, emulators.models.ready.url ?? '', embeddingModel),
    ...modelSettings(options.environment ?? {}),
  };
  const apps = new Set<App>();
  let started = 0;
  let stopping: Promise<void> | undefined;
  const failed = (name: string) => (lines: string) => `The ${name} ended:\n${lines}`;
  const ended = [azurite.exited.then(failed('storage emulator')), models.exited.then(failed('model server'))];

  return {
    urls: {
      blob: azurite.blobUrl,
      queue: azurite.queueUrl,
      cosmos: cosmos.url,
      qdrant: qdrant.url,
      identity: identity.url,
      models: models.ready.url ?? '',
    },
    env,
    failure: Promise.race(ended).then((failure) => (stopping ? new Promise<never>(() => undefined) : failure)),
    async startApp(appOptions = {}) {
      started += 1;
      const logFile = join(options.stateDirectory, 'logs', `app-${started}.log`);
      const app = await startApp({ port: ports.app, ...appOptions }, env, logFile);
      apps.add(app);
      app.exited.then(() => apps.delete(app));
      return app;
    },
    stop() {
      stopping ??= stopAll([...apps]).then(() => stopAll(Object.values(emulators)));
      return stopping;
    },
  };
}

async function startEmulators(ports: Ports, stateDirectory: string): Promise<Emulators> {
  const at = (name: string, port: number) => ({ port, stateDirectory: join(stateDirectory, name) });
  const starting = {
    azurite: startAzurite({
      blobPort: ports.blob,
      queuePort: ports.queue,
      tablePort: ports.table,
      stateDirectory: join(stateDirectory, 'azurite'),
    }),
    models: startModels(ports.models, stateDirectory),
    cosmos: startCosmos(at('cosmos', ports.cosmos)),
    qdrant: startQdrant(at('qdrant', ports.qdrant)),
    identity: startIdentity(at('identity', ports.identity)),
  };
  const outcomes = await Promise.allSettled(Object.values(starting));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    await stopAll(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
    throw failure.reason;
  }
  const { azurite, models, cosmos, qdrant, identity } = starting;
  return {
    azurite: await azurite,
    models: await models,
    cosmos: await cosmos,
    qdrant: await qdrant,
    identity: await identity,
  };
}

function startModels(port: number, stateDirectory: string): Promise<LocalProcess> {
  return startLocalProcess({
    name: 'model server',
    entry: pathOf('emulators/model-server/main.ts'),
    arguments: ['--port', String(port), '--state-directory', join(stateDirectory, 'models')],
    logFile: join(stateDirectory, 'logs', 'models.log'),
  });
}

/** Starts one more instance of the app with the settings of a stack, from any process. */
export async function startApp(
  options: AppOptions,
  env: Readonly<Record<string, string>>,
  logFile: string,
): Promise<App> {
  const leftOut = Object.keys(process.env).filter((name) => MODEL_SETTING.test(name));
  const host = await startLocalProcess({
    name: 'app',
    entry: pathOf('functions-host/main.ts'),
    nodeFlags: HEAP_FLAGS,
    arguments: ['--port', String(options.port ?? 0)],
    environment: {
      ...Object.fromEntries(leftOut.map((name) => [name, undefined])),
      ...env,
      ...withoutModelsFile(options.env ?? {}),
    },
    directory: options.directory ?? process.cwd(),
    logFile,
    onLine: options.onLine,
  });
  const { ready, pid, exited, stop, kill } = host;
  return { url: ready.url ?? '', pid, logFile, exited, stop, kill };
}

function settingsOf(emulators: Emulators, embeddingModel: string): Record<string, string> {
  const { azurite, cosmos, qdrant, identity, models } = emulators;
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    // After a crash, what was being worked on comes back this soon; the cloud takes ten minutes.
    FUNCTIONS_MESSAGE_LEASE_SECONDS: '10',
    FUNCTIONS_BLOB_DELETION_QUEUE: 'drop-events',
    AzureWebJobsStorage: azurite.connectionString,
    PlatformStorage: azurite.connectionString,
    COSMOS_ENDPOINT: cosmos.url,
    COSMOS_KEY: cosmos.key,
    COSMOS_DATABASE: 'platform',
    NODE_EXTRA_CA_CERTS: cosmos.certificateAuthorityPath,
    QDRANT_URL: qdrant.url,
    AZURE_OPENAI_ENDPOINT: models.ready.url ?? '',
    AZURE_OPENAI_API_KEY: 'local',
    AZURE_OPENAI_API_VERSION: '2024-10-21',
    AZURE_OPENAI_CHAT_DEPLOYMENT: 'local-extractive',
    AZURE_OPENAI_EMBEDDING_DEPLOYMENT: embeddingModel,
    AZURE_OPENAI_EMBEDDING_DIMENSIONS: '512',
    AUTH_AUTHORITY: identity.url,
    AUTH_AUDIENCES: API_AUDIENCE,
    PLATFORM_ADMIN_TENANTS: tenants.contoso.tid,
    GRAPH_URL: identity.url,
    GRAPH_ACCESS_TOKEN: 'local',
    AUTH_CLIENT_IDS: `${WEB_CLIENT_ID},${SHELL_CLIENT_ID}`,
    TOOL_SECRETS_KEY: Buffer.from('a-local-key-that-guards-nothing!').toString('base64'),
    TOOL_SERVER_PRIVATE_HOSTS: '127.0.0.1',
  };
}

function modelSettings(environment: Record<string, string | undefined>): Record<string, string> {
  const chosen = Object.entries(environment).filter(([name, value]) => MODEL_SETTING.test(name) && value);
  // An Azure endpoint would win over another base URL, so the local one must give way to it.
  const givesWay = environment.OPENAI_BASE_URL && !environment.AZURE_OPENAI_ENDPOINT;
  const settings = Object.fromEntries(chosen) as Record<string, string>;
  return { ...(givesWay && { AZURE_OPENAI_ENDPOINT: '' }), ...withoutModelsFile(settings) };
}

/** Whoever names a model or its service means that one, and not those of the local file. */
function withoutModelsFile(settings: Record<string, string>): Record<string, string> {
  const namesModel = Object.keys(settings).some((name) => SINGLE_MODEL_SETTING.test(name));
  return namesModel ? { MODELS_FILE: '', ...settings } : settings;
}

async function stopAll(parts: readonly { stop(): Promise<void> }[]): Promise<void> {
  await Promise.all(parts.map((part) => part.stop()));
}

function pathOf(entry: string): string {
  return fileURLToPath(new URL(entry, import.meta.url));
}
