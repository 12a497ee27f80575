import type { ChunkEmbedMessage, DocumentChunkMessage, DocumentDeleteMessage } from '../contracts/queue-messages.ts';

/** The queues of the ingestion pipeline. A message that was accepted is delivered at least once. */
export interface IngestionQueues {
  documentChunk(message: DocumentChunkMessage): Promise<void>;
  chunkEmbed(messages: readonly ChunkEmbedMessage[]): Promise<void>;
  documentDelete(message: DocumentDeleteMessage): Promise<void>;
}
