import { blobWorker } from '../shared/edge/blob-worker.ts';

blobWorker({
  name: 'documents-dropped',
  container: 'drop',
  handle: ({ blob, services }) => services.ingestion.dropped.sync(blob),
});
