import type { ImportItem, ImportProblem } from '../../contracts/imports.ts';
import { isAppError } from '../../errors.ts';
import type { BlobStore } from '../../knowledge/blob-store.ts';
import { knowledgeBasePrefix } from '../../knowledge/document-blobs.ts';
import type { KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import type { DropRecords } from '../drop-folder/drop-records.ts';
import { type StoredImport, withRead } from './stored-import.ts';

export interface BeginImportOptions {
  readonly records: Pick<DropRecords, 'createImport'>;
  readonly blobs: Pick<BlobStore, 'writeJson'>;
  readonly queues: Pick<IngestionQueues, 'documentImport'>;
  readonly now: () => Date;
}

export interface NewImport extends Pick<StoredImport, 'id' | 'source' | 'manifest' | 'createdBy'> {
  readonly items: readonly ImportItem[];
  readonly problems: readonly ImportProblem[];
}

/** What an import is to bring in, kept beside the documents of its knowledge base. */
export const importBlob = (knowledgeBase: KnowledgeBaseKey, id: string) =>
  `${knowledgeBasePrefix(knowledgeBase)}imports/${id}.json`;

/** Puts an import on record and has it worked on; again for one that is on record already, whose message may be lost. */
export async function beginImport(
  { records, blobs, queues, now }: BeginImportOptions,
  knowledgeBase: KnowledgeBaseKey,
  { items, problems, ...facts }: NewImport,
): Promise<StoredImport> {
  const stored: StoredImport = {
    ...facts,
    total: items.length + problems.length,
    read: 0,
    rejected: 0,
    problems: [],
    createdAt: now().toISOString(),
    readAt: null,
  };
  const begun = withRead(stored, problems.length, problems);
  await blobs.writeJson('documents', importBlob(knowledgeBase, facts.id), items);
  try {
    await records.createImport(knowledgeBase, begun);
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
  }
  await queues.documentImport({ ...knowledgeBase, importId: facts.id });
  return begun;
}
