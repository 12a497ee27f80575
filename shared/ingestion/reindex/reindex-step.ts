import type { AuditLog } from '../../audit/audit-log.ts';
import type { KnowledgeBase } from '../../contracts/knowledge-bases.ts';
import type { ReindexMessage } from '../../contracts/queue-messages.ts';
import { isAppError } from '../../errors.ts';
import type { IngestionQueues } from '../../knowledge/ingestion-queues.ts';
import { modelsOf } from '../../knowledge/knowledge-base-spaces.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Versioned } from '../../versioned.ts';
import { SWEEP_SECONDS } from '../go-live.ts';
import { createBatchIndexer } from '../index-batch.ts';
import { createProcessAgain, type ProcessAgainOptions } from './process-again.ts';
import { createReindexDocument, type ReindexDocumentOptions } from './reindex-document.ts';

const DOCUMENTS_PER_MESSAGE = 100;
const CHECK_SECONDS = 1;
/** Checks without progress wait ever longer, and after so many the rest is planned again. */
const LONGEST_CHECK_SECONDS = 60;
const CHECKS_UNTIL_PLANNED_AGAIN = 30;

type StepOf<K extends ReindexMessage['step']['kind']> = Extract<ReindexMessage['step'], { kind: K }>;
type Check = StepOf<'check'>;

export interface ReindexStepOptions extends ReindexDocumentOptions, ProcessAgainOptions {
  readonly repository: ReindexDocumentOptions['repository'];
  readonly queues: IngestionQueues;
  readonly audit: AuditLog;
  readonly log: Logger;
}

/**
 * Moves a knowledge base to another embedding model: `plan` sends every live document on its way, `document` puts one into
 * the new space, `check` switches once all are there, `sweep` removes what was left behind. `files` processes all files of a
 * knowledge base again where it is. Each may come twice or late.
 */
export function createReindexStep(options: ReindexStepOptions): (message: ReindexMessage) => Promise<void> {
  const { repository, knowledgeBases, vectorStore, queues, audit, log } = options;
  const reindexDocument = createReindexDocument(options, createBatchIndexer(options));
  const processAgain = createProcessAgain(options);

  /** A page of the documents that are not there yet. */
  async function plan(message: ReindexMessage, { after }: StepOf<'plan'>, { reindex }: KnowledgeBase): Promise<void> {
    if (reindex?.startedAt !== message.startedAt) return;
    const { tenantId, knowledgeBaseId } = message;
    const page = { after, limit: DOCUMENTS_PER_MESSAGE };
    const documents = await repository.notLiveIn(tenantId, knowledgeBaseId, reindex.model, page);
    for (const { id: documentId, liveVersion } of documents) {
      await queues.reindex({ ...message, step: { kind: 'document', documentId, version: liveVersion ?? 1, batch: 0 } });
    }
    const last = documents.at(-1)?.id;
    if (last !== undefined && documents.length === DOCUMENTS_PER_MESSAGE) {
      return queues.reindex({ ...message, step: { kind: 'plan', after: last } });
    }
    await queues.reindex({ ...message, step: { kind: 'check', done: reindex.done, stalled: 0 } }, CHECK_SECONDS);
  }

  async function check(message: ReindexMessage, step: Check, { value, etag }: Versioned<KnowledgeBase>): Promise<void> {
    const { tenantId, knowledgeBaseId } = message;
    const { reindex } = value;
    // Switched already, before a crash.
    if (!reindex) return finish(message);
    if (reindex.startedAt !== message.startedAt) return;
    const live = await repository.countLive(tenantId, knowledgeBaseId, reindex.model);
    const isWhole = live.inModel >= live.all;
    const next = isWhole
      ? { ...value, embeddingModel: reindex.model, reindex: null }
      : { ...value, reindex: { ...reindex, documents: live.all, done: live.inModel } };
    const isNews = isWhole || live.inModel !== reindex.done || live.all !== reindex.documents;
    const isStored = !isNews || (await replace(message, next, etag));
    if (isWhole && isStored) return switched(message, value.embeddingModel, reindex.model);
    const stalled = live.inModel > step.done || !isStored ? 0 : step.stalled + 1;
    await checkAgain(message, { kind: 'check', done: live.inModel, stalled });
  }

  async function checkAgain(message: ReindexMessage, step: Check): Promise<void> {
    if (step.stalled >= CHECKS_UNTIL_PLANNED_AGAIN)
      return queues.reindex({ ...message, step: { kind: 'plan', after: '' } });
    await queues.reindex({ ...message, step }, Math.min(CHECK_SECONDS + step.stalled * 2, LONGEST_CHECK_SECONDS));
  }

  /** False when somebody else was faster. */
  async function replace({ tenantId }: ReindexMessage, next: KnowledgeBase, etag: string): Promise<boolean> {
    try {
      await knowledgeBases.replace(tenantId, next, etag);
      return true;
    } catch (error) {
      if (isAppError(error, 'precondition_failed')) return false;
      throw error;
    }
  }

  async function switched(message: ReindexMessage, from: string, to: string): Promise<void> {
    await finish(message);
    const { tenantId, knowledgeBaseId } = message;
    await audit.record({
      tenantId,
      action: 'knowledge-base.reindexed',
      outcome: 'allowed',
      actor: { kind: 'system', id: 'ingestion', name: 'Ingestion' },
      subject: knowledgeBaseId,
      details: { from, to },
    });
    log.info('knowledge base moved', { tenantId, knowledgeBaseId, from, to });
  }

  async function finish(message: ReindexMessage): Promise<void> {
    // What was found before may not be what is found now, so kept answers are not given again.
    await knowledgeBases.contentChanged(message.tenantId, message.knowledgeBaseId, {});
    await queues.reindex({ ...message, step: { kind: 'sweep' } }, SWEEP_SECONDS);
  }

  async function sweep({ tenantId, knowledgeBaseId }: ReindexMessage, knowledgeBase: KnowledgeBase): Promise<void> {
    const kept = modelsOf(knowledgeBase).map((model) => ({ model }));
    await vectorStore.removeKnowledgeBase({ tenantId, knowledgeBaseId }, kept);
  }

  return async (message) => {
    const { step, tenantId, knowledgeBaseId } = message;
    if (step.kind === 'document') return reindexDocument(message, step);
    const found = await knowledgeBases.find(tenantId, knowledgeBaseId);
    // Deleted: its vectors go with it, from every space.
    if (!found) return;
    if (step.kind === 'plan') return plan(message, step, found.value);
    if (step.kind === 'check') return check(message, step, found);
    if (step.kind === 'files') return processAgain(message, step);
    await sweep(message, found.value);
  };
}
