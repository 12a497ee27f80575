import pLimit from 'p-limit';
import { z } from 'zod';
import { ImportItem, type ImportProblem } from '../../contracts/imports.ts';
import type { ImportMessage } from '../../contracts/queue-messages.ts';
import { isAppError } from '../../errors.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import type { KnowledgeBaseRepository } from '../../knowledge/knowledge-base-repository.ts';
import type { DropRecords } from '../drop-folder/drop-records.ts';
import { importBlob } from './begin-import.ts';
import { type ImportFileOptions, importFile } from './import-file.ts';
import { withRead } from './stored-import.ts';

/** Few, so that of two at once the slower one soon hears how far the other has come. */
const ITEMS_AT_ONCE = 25;
const CONCURRENT_ITEMS = 8;
/** Well within the time of a function; the rest goes to another message. */
const MAX_RUN_MILLISECONDS = 3 * 60_000;
const Items = z.array(ImportItem);

export interface WorkImportOptions extends ImportFileOptions {
  readonly records: Pick<DropRecords, 'findImport' | 'replaceImport'>;
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'find'>;
  readonly queues: Pick<IngestionQueues, 'documentImport'>;
}

/** Works through an import. What a crash left undone is done again, with the same result; of two at once one counts. */
export function createWorkImport(options: WorkImportOptions): (message: ImportMessage) => Promise<void> {
  const { records, knowledgeBases, blobs, queues, now } = options;
  const limit = pLimit(CONCURRENT_ITEMS);

  /** @returns false when there is nothing left to do, or somebody else does it. */
  async function workOn(message: ImportMessage, items: readonly ImportItem[]): Promise<boolean> {
    const { importId, ...knowledgeBase } = message;
    const found = await records.findImport(knowledgeBase, importId);
    if (!found || found.value.readAt !== null) return false;
    const rejectedLines = found.value.total - items.length;
    const from = found.value.read - rejectedLines;
    const part = items.slice(from, from + ITEMS_AT_ONCE);
    const outcomes = await limit.map(part, (item) => importFile(options, knowledgeBase, item, importId));
    const problems = outcomes.filter((outcome): outcome is ImportProblem => outcome !== null);
    const next = withRead(found.value, part.length, problems);
    const isDone = next.read >= next.total;
    try {
      const value = { ...next, readAt: isDone ? now().toISOString() : null };
      await records.replaceImport(knowledgeBase, value, found.etag);
    } catch (error) {
      if (!isAppError(error, 'precondition_failed')) throw error;
    }
    return !isDone;
  }

  return async (message) => {
    const until = now().getTime() + MAX_RUN_MILLISECONDS;
    if (!(await knowledgeBases.find(message.tenantId, message.knowledgeBaseId))) return;
    const stored = await blobs.readJson('documents', importBlob(message, message.importId));
    const items = Items.parse(stored ?? []);
    while (await workOn(message, items)) {
      if (now().getTime() > until) return queues.documentImport(message);
    }
  };
}
