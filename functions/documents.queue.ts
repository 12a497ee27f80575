import {
  ChunkEmbedMessage,
  DocumentAlignMessage,
  DocumentChunkMessage,
  DocumentDeleteMessage,
  DropMessage,
  ImportMessage,
  ReindexMessage,
} from '../shared/contracts/queue-messages.ts';
import { queueWorker } from '../shared/edge/queue-worker.ts';

queueWorker({
  queue: 'document-chunk',
  message: DocumentChunkMessage,
  handle: ({ message, services }) => services.ingestion.chunk(message),
  giveUp: ({ message, services }) => services.ingestion.giveUp(message),
});

queueWorker({
  queue: 'chunk-embed',
  message: ChunkEmbedMessage,
  handle: ({ message, services }) => services.ingestion.embed(message),
  giveUp: ({ message, services }) => services.ingestion.giveUp(message),
});

queueWorker({
  queue: 'document-align',
  message: DocumentAlignMessage,
  handle: ({ message, services }) => services.ingestion.align(message),
  giveUp: ({ message, services }) => services.ingestion.alignLater(message),
});

queueWorker({
  queue: 'document-delete',
  message: DocumentDeleteMessage,
  handle: ({ message, services }) => services.ingestion.remove(message),
  giveUp: async ({ message, services }) => services.log.error('deletion given up; replay its poison message', message),
});

queueWorker({
  queue: 'drop-events',
  message: DropMessage,
  handle: ({ message, services }) => services.ingestion.dropped.sync(message.blob, message.after),
  // Once more: what is not base64 comes here without having been tried. Reconcile finds what fails again.
  giveUp: ({ message, services }) => services.ingestion.dropped.sync(message.blob, message.after),
});

queueWorker({
  queue: 'document-import',
  message: ImportMessage,
  handle: ({ message, services }) => services.ingestion.import(message),
  giveUp: async ({ message, services }) => services.log.error('import given up; replay its poison message', message),
});

queueWorker({
  queue: 'knowledge-reindex',
  message: ReindexMessage,
  handle: ({ message, services }) => services.ingestion.reindex(message),
  giveUp: async ({ message, services }) =>
    services.log.error('a step of a re-index was given up; start it again with npm run reindex', {
      tenantId: message.tenantId,
      knowledgeBaseId: message.knowledgeBaseId,
      ...message.step,
    }),
});
