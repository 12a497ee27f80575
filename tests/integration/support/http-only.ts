import { INGESTION_QUEUES } from '../../../shared/adapters/storage-queue/ingestion-queues.ts';

const queues = [...INGESTION_QUEUES, 'usage-events', 'privacy-erasure'];
const timers = ['usage-totals', 'audit-seal', 'retention', 'reconcile', 'semantic-cache-sweep'];
const functions = [...queues, ...queues.map((queue) => `${queue}-poison`), ...timers, 'documents-dropped'];

/** Settings of an app that takes no work from queues, blobs and clocks. */
export const httpOnly: Readonly<Record<string, string>> = Object.fromEntries(
  functions.map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']),
);
