import { z } from 'zod';
import { DocumentId, KnowledgeBaseId, TenantId } from './identifiers.ts';

const document = { tenantId: TenantId, knowledgeBaseId: KnowledgeBaseId, documentId: DocumentId };
const documentVersion = {
  ...document,
  version: z.number().int().positive(),
};

export const DocumentChunkMessage = z.object(documentVersion);
export type DocumentChunkMessage = z.infer<typeof DocumentChunkMessage>;

export const ChunkEmbedMessage = z.object({ ...documentVersion, batch: z.number().int().nonnegative() });
export type ChunkEmbedMessage = z.infer<typeof ChunkEmbedMessage>;

/** The chunks of a document may not carry what its record says. */
export const DocumentAlignMessage = z.object(document);
export type DocumentAlignMessage = z.infer<typeof DocumentAlignMessage>;

export const DocumentDeleteMessage = z.object({
  tenantId: TenantId,
  knowledgeBaseId: KnowledgeBaseId,
  /** null: the whole knowledge base. */
  documentId: DocumentId.nullable(),
});
export type DocumentDeleteMessage = z.infer<typeof DocumentDeleteMessage>;
