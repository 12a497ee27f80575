import type {
  ChunkEmbedMessage,
  DocumentAlignMessage,
  DocumentChunkMessage,
  DocumentDeleteMessage,
  ImportMessage,
  ReindexMessage,
} from '../contracts/queue-messages.ts';
import type { DocumentChanges } from '../knowledge/document-changes.ts';
import { type ChunkStepOptions, createChunkStep } from './chunk-step.ts';
import { createDeleteStep, type DeleteStepOptions } from './delete-step.ts';
import { createDroppedFiles, type DroppedFiles, type DroppedFilesOptions } from './drop-folder/dropped-files.ts';
import { createEmbedStep, type EmbedStepOptions } from './embed-step.ts';
import { failDocument } from './fail-document.ts';
import { createWorkImport, type WorkImportOptions } from './imports/work-import.ts';
import { createReindexStep, type ReindexStepOptions } from './reindex/reindex-step.ts';

/** The pipeline from a file to its live chunks. Every step may run twice, late, or after its subject was deleted. */
export interface Ingestion {
  readonly dropped: DroppedFiles;
  chunk(message: DocumentChunkMessage): Promise<void>;
  embed(message: ChunkEmbedMessage): Promise<void>;
  /** Gives the chunks of a document the access and name of its record. */
  align(message: DocumentAlignMessage): Promise<void>;
  /** Tries again when the vector store has been away for long; until then no search finds the document. */
  alignLater(message: DocumentAlignMessage): Promise<void>;
  remove(message: DocumentDeleteMessage): Promise<void>;
  import(message: ImportMessage): Promise<void>;
  /** A step of a move to another embedding model. */
  reindex(message: ReindexMessage): Promise<void>;
  /** Says on the document that its processing has been given up. */
  giveUp(message: DocumentChunkMessage): Promise<void>;
}

export type IngestionOptions = ChunkStepOptions &
  EmbedStepOptions &
  ReindexStepOptions &
  DeleteStepOptions &
  DroppedFilesOptions &
  Omit<WorkImportOptions, 'dropped'> & { readonly changes: DocumentChanges };

const ALIGN_AGAIN_SECONDS = 60;

const GIVEN_UP = {
  code: 'processing-failed',
  reason: 'Processing failed five times because a service it needs did not answer. Try again with Retry.',
};

export function createIngestion(options: IngestionOptions): Ingestion {
  const dropped = createDroppedFiles(options);
  return {
    dropped,
    chunk: createChunkStep(options),
    embed: createEmbedStep(options),
    align: (message) => options.changes.align(message),
    async alignLater(message) {
      options.log.error('the chunks of a document do not carry its access yet; it is tried again', message);
      await options.queues.documentAlign(message, ALIGN_AGAIN_SECONDS);
    },
    remove: createDeleteStep(options),
    import: createWorkImport({ ...options, dropped }),
    reindex: createReindexStep(options),
    giveUp: (message) => failDocument(options, message, GIVEN_UP),
  };
}
