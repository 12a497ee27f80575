import type {
  ChunkEmbedMessage,
  DocumentAlignMessage,
  DocumentChunkMessage,
  DocumentDeleteMessage,
  DropMessage,
  ImportMessage,
  ReindexMessage,
} from '../contracts/queue-messages.ts';

/** The queues of the ingestion pipeline. A message that was accepted is delivered at least once. */
export interface IngestionQueues {
  /** With a delay, the message is delivered that much later; so are others. */
  documentChunk(message: DocumentChunkMessage, delaySeconds?: number): Promise<void>;
  chunkEmbed(messages: readonly ChunkEmbedMessage[], delaySeconds?: number): Promise<void>;
  /** Delivered that many seconds later. */
  documentAlign(message: DocumentAlignMessage, delaySeconds: number): Promise<void>;
  documentDelete(message: DocumentDeleteMessage): Promise<void>;
  documentImport(message: ImportMessage): Promise<void>;
  /** Has the rest of what follows from a blob of the drop folder done. */
  dropEvent(message: DropMessage): Promise<void>;
  reindex(message: ReindexMessage, delaySeconds?: number): Promise<void>;
}
