import type { App } from '../../../local/stack.ts';
import { ensureContainers } from '../../../shared/adapters/blob-storage/containers.ts';
import { createIngestionQueues, INGESTION_QUEUES } from '../../../shared/adapters/storage-queue/ingestion-queues.ts';
import { createUsageQueue } from '../../../shared/adapters/storage-queue/usage-queue.ts';
import { startAzurite } from '../fixtures/functions-host/start-azurite.ts';
import { type EmbeddingServer, startEmbeddingServer } from './embedding-server.ts';
import { eventually, startWorkingApp } from './platform.ts';
import { openStores, type Stores } from './stores.ts';

/** An app with queues, blobs and an embedding model of its own, so that a test decides what fails, and when. */
export interface IngestionApp {
  readonly url: string;
  /** Its settings, where they are not those of the stack. */
  readonly env: Readonly<Record<string, string>>;
  readonly stores: Stores;
  readonly embeddings: EmbeddingServer;
  /** Waits until no message is left that anybody could still work on. */
  quiet(): Promise<void>;
  /** Ends the app as a crash would and starts it again under the same address. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

// Not of moves, whose last message waits for minutes.
const QUEUES = INGESTION_QUEUES.filter((queue) => queue !== 'knowledge-reindex').flatMap((queue) => [
  queue,
  `${queue}-poison`,
]);
/** Failed messages come back at once, and those of a killed app after some seconds. */
const QUICK = {
  AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00',
  AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1',
  FUNCTIONS_BLOB_POLLING_MILLISECONDS: '200',
  FUNCTIONS_MESSAGE_LEASE_SECONDS: '3',
  'AzureWebJobs.reconcile.Disabled': 'true',
};

type Settings = Readonly<Record<string, string>>;

/** @param settings of its own, or what makes them for the address of its embedding model. */
export async function startIngestionApp(
  settings: Settings | ((embeddingsUrl: string) => Settings) = {},
): Promise<IngestionApp> {
  const [{ connectionString, stop: stopStorage }, embeddings] = await Promise.all([
    startAzurite(),
    startEmbeddingServer(),
  ]);
  await Promise.all([
    ensureContainers({ connectionString }),
    createIngestionQueues({ connectionString }).ensureQueues(),
    createUsageQueue({ connectionString }).ensureQueues(),
  ]);
  const env = {
    ...QUICK,
    AzureWebJobsStorage: connectionString,
    PlatformStorage: connectionString,
    AZURE_OPENAI_ENDPOINT: embeddings.url,
    ...(typeof settings === 'function' ? settings(embeddings.url) : settings),
  };
  const start = (port = 0) => startWorkingApp({ port, env });
  let app: App = await start();
  const stores = openStores(connectionString);
  return {
    url: app.url,
    env,
    stores,
    embeddings,
    async quiet() {
      await eventually(async () => {
        const waiting = await Promise.all(QUEUES.map(stores.waiting));
        return waiting.every((count) => count === 0) || undefined;
      });
    },
    async crash() {
      await app.kill();
      app = await start(Number(new URL(app.url).port));
    },
    async stop() {
      await app.stop();
      await Promise.all([embeddings.stop(), stopStorage()]);
    },
  };
}
