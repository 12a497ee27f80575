import { z } from 'zod';
import { Timestamp } from './identifiers.ts';

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
