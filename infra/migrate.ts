import { ensureContainers } from '../shared/adapters/blob-storage/containers.ts';
import { createCosmos } from '../shared/adapters/cosmos/client.ts';
import { migrate } from '../shared/adapters/cosmos/migrations.ts';
import { createErasureQueue } from '../shared/adapters/storage-queue/erasure-queue.ts';
import { createIngestionQueues } from '../shared/adapters/storage-queue/ingestion-queues.ts';
import { createUsageQueue } from '../shared/adapters/storage-queue/usage-queue.ts';
import { loadConfig } from '../shared/config.ts';
import { createLogger } from '../shared/telemetry/logger.ts';

// `npm run db:migrate`: creates what the app needs in Cosmos DB, Blob and Queue Storage. Safe to run again.
const config = loadConfig();
const log = createLogger(config.logLevel);
await migrate(createCosmos(config.cosmos), log.info);
await ensureContainers(config.storage);
await createIngestionQueues(config.storage).ensureQueues();
await createUsageQueue(config.storage).ensureQueues();
await createErasureQueue(config.storage).ensureQueues();
log.info('storage is ready');
