import { blobWorker } from '../shared/edge/blob-worker.ts';

blobWorker({
  name: 'documents-dropped',
  path: 'drop/{tenant}/{knowledgeBase}/{path}',
  handle: ({ parts, services }) =>
    services.ingestion.dropped.take({
      tenantId: parts.tenant ?? '',
      knowledgeBaseId: parts.knowledgeBase ?? '',
      path: parts.path ?? '',
    }),
});
