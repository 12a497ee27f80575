import { z } from 'zod';
import { DocumentFailure, DocumentStatus } from './documents.ts';
import { DocumentId, Timestamp } from './identifiers.ts';

const Count = z.number().int().nonnegative();

/** How far a check of a knowledge base came, and what it found and mended. */
export const ReconcileReport = z
  .object({
    startedAt: Timestamp,
    finishedAt: Timestamp.nullable().meta({
      description: 'null: time was up. The next call goes on, or the hourly check does',
    }),
    checked: z.object({
      files: Count.meta({ description: 'In the drop folder' }),
      documents: Count,
      indexedDocuments: Count.meta({ description: 'In the vector store, page by page' }),
      storedDocuments: Count.meta({ description: 'In the store of files' }),
    }),
    mended: z.object({
      taken: Count.meta({ description: 'Dropped files that had no document' }),
      changed: Count.meta({ description: 'Documents whose dropped file had changed' }),
      removed: Count.meta({ description: 'Documents whose dropped file was gone' }),
      accessFiles: Count.meta({ description: 'Access files whose word was not in force' }),
      manifests: Count.meta({ description: 'Manifests that had not been read' }),
      sentAgain: Count.meta({ description: 'Documents that had waited too long for their message' }),
      reindexed: Count.meta({ description: 'Documents without all their vectors' }),
      vectorsRemoved: Count.meta({ description: 'Documents that only the vector store knew' }),
      filesRemoved: Count.meta({ description: 'Files of documents that are no more' }),
    }),
    removalsHeldBack: Count.meta({
      description:
        'Documents whose dropped file is gone, but which stay: they are so many that it may be a mistake. ' +
        'Call with `confirmRemovals=true` if it is not',
    }),
    failed: Count.meta({ description: 'What could not be mended; the log says why' }),
  })
  .meta({ id: 'ReconcileReport' });
export type ReconcileReport = z.infer<typeof ReconcileReport>;

export const ReconcileQuery = z.strictObject({
  confirmRemovals: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Removes documents whose dropped files are gone, however many they are; begins anew' }),
});

/** How many documents there are of each status. */
export const StatusCounts = z.record(DocumentStatus, Count).meta({ id: 'StatusCounts' });
export type StatusCounts = z.infer<typeof StatusCounts>;

export const FailedDocument = DocumentFailure.extend({
  documentId: DocumentId,
  name: z.string(),
  path: z.string().nullable(),
  at: Timestamp,
}).meta({ id: 'FailedDocument' });
export type FailedDocument = z.infer<typeof FailedDocument>;

/** Where a knowledge base stands, in one place. */
export const KnowledgeBaseStatus = z
  .object({
    documents: z.object({ total: Count, byStatus: StatusCounts }),
    failures: z.array(FailedDocument).meta({ description: 'The newest 50 documents that failed' }),
    accessFileProblems: z
      .array(z.object({ folder: z.string(), reason: z.string() }))
      .meta({ description: 'Folders whose `.access.json` cannot be read: only managers can open their files' }),
    reconcile: ReconcileReport.nullable().meta({ description: 'The last check, or how far it has come' }),
  })
  .meta({ id: 'KnowledgeBaseStatus' });
export type KnowledgeBaseStatus = z.infer<typeof KnowledgeBaseStatus>;

export const RetriedDocuments = z
  .object({ retried: Count, left: Count.meta({ description: 'Failed documents for another call' }) })
  .meta({ id: 'RetriedDocuments' });
export type RetriedDocuments = z.infer<typeof RetriedDocuments>;
