import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Versioned } from '../versioned.ts';
import { changeKnowledgeBase } from './change-knowledge-base.ts';
import type { DocumentRepository, KnowledgeBaseKey } from './document-repository.ts';
import type { IngestionQueues } from './ingestion-queues.ts';
import type { KnowledgeBaseRepository } from './knowledge-base-repository.ts';
import type { KnowledgeBases } from './knowledge-bases.ts';

/** Moves knowledge bases to the model that indexes new ones, and renews them. They answer from what is there until the new is whole. */
export interface Reindexing {
  /**
   * @param force processes the files of one that lives with that model already again, by its settings of now.
   * @throws AppError `conflict` when there is nothing to do; `not_found`, `forbidden` as any change.
   */
  request(
    principal: Principal,
    knowledgeBaseId: KnowledgeBaseId,
    options: { readonly force: boolean },
  ): Promise<Versioned<KnowledgeBase>>;
}

export interface StartReindexingOptions {
  readonly repository: KnowledgeBaseRepository;
  readonly documents: Pick<DocumentRepository, 'countLive'>;
  readonly queues: Pick<IngestionQueues, 'reindex'>;
  /** The model that indexes. */
  readonly model: string;
  readonly now: () => Date;
}

/**
 * Starts the move of a knowledge base; called again, it takes up what got stuck.
 * @returns null when there is nothing to do.
 */
export function startReindexing(
  options: StartReindexingOptions,
): (key: KnowledgeBaseKey) => Promise<Versioned<KnowledgeBase> | null> {
  const { repository, documents, queues, model, now } = options;
  return async (key) => {
    const { tenantId, knowledgeBaseId } = key;
    const startedAt = now().toISOString();
    const { all, inModel } = await documents.countLive(tenantId, knowledgeBaseId, model);
    const reindex = { model, startedAt, documents: all, done: inModel };
    const started = await changeKnowledgeBase(repository, key, (current) =>
      current.embeddingModel === model ? null : { ...current, reindex },
    );
    if (started) await queues.reindex({ ...key, startedAt, step: { kind: 'plan', after: '' } });
    return started;
  };
}

/** Sends the files of a knowledge base through the pipeline again. */
export function processFilesAgain(
  { queues, now }: Pick<StartReindexingOptions, 'queues' | 'now'>,
  key: KnowledgeBaseKey,
): Promise<void> {
  return queues.reindex({ ...key, startedAt: now().toISOString(), step: { kind: 'files', after: '' } });
}

export function createReindexing(
  options: StartReindexingOptions & { readonly knowledgeBases: Pick<KnowledgeBases, 'getManaged'> },
): Reindexing {
  const start = startReindexing(options);
  return {
    async request(principal, knowledgeBaseId, { force }) {
      const current = await options.knowledgeBases.getManaged(principal, knowledgeBaseId);
      const key = { tenantId: principal.tenantId, knowledgeBaseId };
      const started = await start(key);
      if (started) return started;
      if (!force) {
        const advice = 'To process its files again, by its settings of now, add `force=true`.';
        throw new AppError(
          'conflict',
          `There is nothing to do: it is indexed with ${options.model} already. ${advice}`,
        );
      }
      await processFilesAgain(options, key);
      return current;
    },
  };
}
