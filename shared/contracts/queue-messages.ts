import { z } from 'zod';
import { DocumentId, ImportId, KnowledgeBaseId, TenantId, Timestamp } from './identifiers.ts';

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

export const ImportMessage = z.object({ tenantId: TenantId, knowledgeBaseId: KnowledgeBaseId, importId: ImportId });
export type ImportMessage = z.infer<typeof ImportMessage>;

const MAX_BLOB_NAME_CHARACTERS = 1_024;
const DROP_SUBJECT = /^\/blobServices\/default\/containers\/drop\/blobs\/(.+)$/s;

/** The blob that an event is about; one of another container or without a blob is no message of ours. */
const DropSubject = z
  .string()
  .max(DROP_SUBJECT.source.length + MAX_BLOB_NAME_CHARACTERS)
  .regex(DROP_SUBJECT, 'must name a blob of the container drop')
  .transform((subject) => DROP_SUBJECT.exec(subject)?.[1] ?? '');

/** In the schema of Event Grid, or of CloudEvents 1.0. The kind of event is a hint only: the blob itself is looked at. */
const BlobEvent = z
  .union([
    z.object({ eventType: z.string().startsWith('Microsoft.Storage.'), subject: DropSubject }),
    z.object({
      specversion: z.literal('1.0'),
      type: z.string().startsWith('Microsoft.Storage.'),
      subject: DropSubject,
    }),
  ])
  .transform(({ subject }) => ({ blob: subject, after: '' }));

/** Something may have happened to a blob of the drop folder: what storage tells, or our own note to go on with it. */
export const DropMessage = z.union([
  BlobEvent,
  z.object({
    blob: z.string().min(1).max(MAX_BLOB_NAME_CHARACTERS),
    /** The last document that was reached; empty at the start. */
    after: z.string().max(100),
  }),
]);
export type DropMessage = z.infer<typeof DropMessage>;

/** A step of indexing a knowledge base again: of its move to another embedding model, or of all its files in place. */
export const ReindexMessage = z.object({
  tenantId: TenantId,
  knowledgeBaseId: KnowledgeBaseId,
  /** Steps of a move that was started again are dropped; files that were touched since are not processed again. */
  startedAt: Timestamp,
  step: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('plan'), after: z.union([DocumentId, z.literal('')]) }),
    z.object({
      kind: z.literal('document'),
      documentId: DocumentId,
      version: z.number().int().positive(),
      batch: z.number().int().nonnegative(),
    }),
    z.object({
      kind: z.literal('check'),
      /** At the check before, and for how many checks that has stayed the same. */
      done: z.number().int().nonnegative(),
      stalled: z.number().int().nonnegative(),
    }),
    z.object({ kind: z.literal('sweep') }),
    z.object({ kind: z.literal('files'), after: z.union([DocumentId, z.literal('')]) }),
  ]),
});
export type ReindexMessage = z.infer<typeof ReindexMessage>;
