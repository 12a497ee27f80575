import pLimit from 'p-limit';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { ReconcileReport } from '../../contracts/drop-folder.ts';
import type { BlobStore } from '../../knowledge/blob-store.ts';
import type { DocumentRepository, KnowledgeBaseKey, StoredDocument } from '../../knowledge/document-repository.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import type { KnowledgeBaseRepository } from '../../knowledge/knowledge-base-repository.ts';
import type { SpaceName, VectorStore } from '../../knowledge/vector-store.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { DropRecords } from '../drop-folder/drop-records.ts';
import type { DroppedFiles } from '../drop-folder/dropped-files.ts';
import type { ReconcileState } from './reconcile-state.ts';

const CONCURRENT_LOOKS = 8;
/** A message that has not been worked on for so long is taken for lost. */
export const STUCK_MILLISECONDS = 60 * 60_000;
const IDS_PER_QUERY = 100;

export interface ReconcileOptions {
  readonly repository: DocumentRepository;
  readonly records: DropRecords;
  readonly dropped: DroppedFiles;
  readonly blobs: BlobStore;
  readonly queues: IngestionQueues;
  readonly vectorStore: VectorStore;
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'find'>;
  readonly audit: AuditLog;
  readonly log: Logger;
  readonly now: () => Date;
}

/** One page of a step: what it counts, and how it deals with one thing that cannot be mended. */
export interface ReconcilePage {
  readonly knowledgeBase: KnowledgeBaseKey;
  readonly state: ReconcileState;
  countChecked(kind: keyof ReconcileReport['checked'], count: number): void;
  countMended(kind: keyof ReconcileReport['mended'], count?: number): void;
  countMatched(count: number): void;
  /** Runs for each thing, some at once; one that fails is logged and counted, and the others go on. */
  each<T>(things: readonly T[], mend: (thing: T) => Promise<void>): Promise<void>;
}

/** Does one page. @returns where the next one begins; null when there is none. */
export type ReconcileStep = (page: ReconcilePage, after: string) => Promise<string | null>;

/** A page that adds its counts to a state. */
export function openPage(
  knowledgeBase: KnowledgeBaseKey,
  state: ReconcileState,
  log: Logger,
): ReconcilePage & { result(): ReconcileState } {
  const checked = { ...state.report.checked };
  const mended = { ...state.report.mended };
  let { matchedFiles } = state;
  let { failed } = state.report;
  return {
    knowledgeBase,
    state,
    countChecked: (kind, count) => {
      checked[kind] += count;
    },
    countMended: (kind, count = 1) => {
      mended[kind] += count;
    },
    countMatched: (count) => {
      matchedFiles += count;
    },
    async each(things, mend) {
      await pLimit(CONCURRENT_LOOKS).map(things, async (thing) => {
        try {
          await mend(thing);
        } catch (error) {
          failed += 1;
          log.error('not reconciled', { ...knowledgeBase, error });
        }
      });
    },
    result: () => ({ ...state, matchedFiles, report: { ...state.report, checked, mended, failed } }),
  };
}

/** Where a knowledge base is searched; null when it is no more. */
export async function spaceOf(
  { knowledgeBases }: Pick<ReconcileOptions, 'knowledgeBases'>,
  { tenantId, knowledgeBaseId }: KnowledgeBaseKey,
): Promise<SpaceName | null> {
  const found = await knowledgeBases.find(tenantId, knowledgeBaseId);
  return found && { model: found.value.embeddingModel };
}

/** Those of some documents that there are, by id. */
export async function findByIds(
  repository: DocumentRepository,
  knowledgeBase: KnowledgeBaseKey,
  ids: readonly string[],
): Promise<Map<string, StoredDocument>> {
  const found = new Map<string, StoredDocument>();
  for (let start = 0; start < ids.length; start += IDS_PER_QUERY) {
    const documents = await repository.byIds(knowledgeBase, ids.slice(start, start + IDS_PER_QUERY));
    for (const document of documents) found.set(document.id, document);
  }
  return found;
}
