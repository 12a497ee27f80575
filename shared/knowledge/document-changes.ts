import { AppError } from '../errors.ts';
import { restrictingGrants } from '../identity/principal.ts';
import { inTime } from '../in-time.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Versioned } from '../versioned.ts';
import { whileOvertaken } from '../while-overtaken.ts';
import { type AlignOptions, alignPassages } from './align-passages.ts';
import type { Announce } from './announcements.ts';
import { carriedBy, isNarrowed } from './carried.ts';
import { changeDocument, DOCUMENT_CONTENTION } from './change-document.ts';
import { startDeleting } from './document-lifecycle.ts';
import type { DocumentKey, StoredDocument } from './document-repository.ts';
import type { IngestionQueues } from './ingestion-queues.ts';
import type { KnowledgeBaseRepository } from './knowledge-base-repository.ts';
import { LAST_REVISION } from './knowledge-content.ts';

/** Later than a change takes that goes well, so that its message then finds nothing to do. */
const ALIGN_DELAY_SECONDS = 5;
/** Milliseconds that whoever changes a document waits for its chunks to follow. */
const FOLLOW_MILLISECONDS = 4_000;

type Step = (document: StoredDocument) => StoredDocument | null;

/** Changes of what the chunks of a document carry, by whoever may make them: nobody is asked for here. */
export interface DocumentChanges {
  /**
   * Changes name or access by a step; both are stored when it resolves, and access is in force for every search that begins
   * then. The chunks follow at once, or by queue while the vector store is away; until then no search finds them.
   * @returns null when the document is gone or being deleted, or the step does not apply.
   * @throws AppError `precondition_failed` when it is not what `ifMatch` named. Whatever it throws, nothing has changed.
   */
  change(key: DocumentKey, step: Step, ifMatch?: string): Promise<Versioned<StoredDocument> | null>;
  /**
   * No search that begins when this has resolved finds the document; what there is of it goes by queue.
   * @param isMeant leaves alone a document that has become another meanwhile.
   * @returns false when it was left alone, or was withdrawn before.
   */
  withdraw(key: DocumentKey, isMeant?: (document: StoredDocument) => boolean): Promise<boolean>;
  /** Gives the chunks what the record says, checks that they have it, and lets searches find them again. Idempotent. */
  align(key: DocumentKey): Promise<void>;
}

export interface DocumentChangesOptions extends AlignOptions {
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'withheld'>;
  readonly announce: Announce;
  readonly queues: Pick<IngestionQueues, 'documentAlign' | 'documentDelete'>;
  readonly now: () => Date;
  readonly log: Logger;
}

export function createDocumentChanges(options: DocumentChangesOptions): DocumentChanges {
  const { repository, vectorStore, knowledgeBases, announce, queues, now, log } = options;

  const release = (key: DocumentKey, revision: number) => announce(key, { release: { [key.documentId]: revision } });

  /** Before a change is stored: who could find the document and will be able to no longer does not find it from here on. */
  function announceBefore(key: DocumentKey, next: StoredDocument, isWithheld: boolean): Promise<void> {
    const grants = restrictingGrants(carriedBy(next).grants);
    return announce(key, { grants, ...(isWithheld && { withhold: { [key.documentId]: next.revision } }) });
  }

  /**
   * Stores a step on the newest state of a document, as a revision of its own that is announced before. Should it not come
   * to be stored, `align` finds a revision withheld that is above the record's, and raises that one to it.
   */
  async function store(key: DocumentKey, step: Step, ifMatch?: string) {
    let isWithheld = false;
    const attempt = {
      async read() {
        const current = await repository.find(key);
        if (!current || current.value.status === 'deleting') return null;
        if (ifMatch !== undefined && ifMatch !== current.etag) throw changedMeanwhile();
        const stepped = step(current.value);
        if (!stepped) return null;
        const next = { ...stepped, revision: current.value.revision + 1, updatedAt: now().toISOString() };
        const mustBeWithheld = next.status === 'deleting' || isNarrowed(current.value, next);
        isWithheld ||= mustBeWithheld;
        await announceBefore(key, next, mustBeWithheld);
        return { next, etag: current.etag };
      },
      write: async (found: { next: StoredDocument; etag: string } | null) =>
        found && repository.replace(found.next, found.etag),
    };
    try {
      const stored = await whileOvertaken(attempt, DOCUMENT_CONTENTION);
      return { stored, isWithheld };
    } catch (error) {
      if (isWithheld) await follow(key, align(key));
      throw error;
    }
  }

  /** What is in force already also where it is kept for speed; whatever hinders that now is made good by queue. */
  async function follow(key: DocumentKey, work: Promise<unknown>): Promise<void> {
    try {
      await inTime(FOLLOW_MILLISECONDS, work);
    } catch (error) {
      log.warn('the chunks of a changed document follow later', { ...key, error });
    }
  }

  async function alignAndRelease(key: DocumentKey, isWithheld: boolean): Promise<void> {
    const revision = await alignPassages(options, key);
    if (isWithheld) await release(key, revision ?? LAST_REVISION);
  }

  async function align(key: DocumentKey): Promise<void> {
    const awaited = (await knowledgeBases.withheld(key.tenantId, key.knowledgeBaseId))[key.documentId];
    // Whoever withheld a revision and has not stored it by now is overtaken, and withholds a higher one before it stores.
    await changeDocument(repository, key, (document) =>
      awaited !== undefined && document.status !== 'deleting' && document.revision < awaited
        ? { ...document, revision: awaited }
        : null,
    );
    const current = await repository.find(key);
    // The end of its deletion releases it; the message that begins it may never have been sent.
    if (current?.value.status === 'deleting') await queues.documentDelete(key);
    else await alignAndRelease(key, awaited !== undefined);
  }

  return {
    align,
    async change(key, step, ifMatch) {
      await queues.documentAlign(key, ALIGN_DELAY_SECONDS);
      const { stored, isWithheld } = await store(key, step, ifMatch);
      if (stored) await follow(key, alignAndRelease(key, isWithheld));
      return stored;
    },
    async withdraw(key, isMeant = () => true) {
      await queues.documentAlign(key, ALIGN_DELAY_SECONDS);
      const { stored } = await store(key, (document) =>
        isMeant(document) ? startDeleting(document, now().toISOString()) : null,
      );
      const isGone = stored !== null || (await repository.find(key))?.value.status === 'deleting';
      // One that was being deleted already gets another message: a crash may have come before the first.
      if (isGone) await queues.documentDelete(key);
      if (stored) await follow(key, vectorStore.removeDocument(key));
      return stored !== null;
    },
  };
}

function changedMeanwhile(): AppError {
  return new AppError(
    'precondition_failed',
    'The document was changed meanwhile. Read it again and repeat the change.',
  );
}
