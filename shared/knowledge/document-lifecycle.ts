import type { Access } from '../contracts/access.ts';
import type { DocumentFailure, DocumentStatus } from '../contracts/documents.ts';
import type { FindingSummary } from '../contracts/screening.ts';
import { countBatchesDone, withBatchDone } from './batches.ts';
import type { HoldReason, StoredDocument } from './document-repository.ts';

/**
 * The life of a document as pure steps. Each gives the document after the step, or null when the step no longer applies
 * because the document moved on: a newer version came, it is being deleted, or the same message was handled before.
 */
type Step = StoredDocument | null;

export interface NewDocument
  extends Pick<StoredDocument, 'id' | 'tenantId' | 'knowledgeBaseId' | 'name' | 'source' | 'createdBy' | 'drop'> {
  readonly access: Access | null;
  readonly tags?: readonly string[];
  readonly modifiedAt?: string | undefined;
  readonly now: string;
}

export function newDocument({ now, tags = [], modifiedAt, ...facts }: NewDocument): StoredDocument {
  return {
    ...facts,
    tags,
    modifiedAt: modifiedAt ?? null,
    status: 'awaiting-upload',
    revision: 0,
    version: 1,
    versionsIssued: 1,
    liveVersion: null,
    mediaType: null,
    size: null,
    pageCount: null,
    chunkCount: null,
    progress: 0,
    error: null,
    findings: [],
    batches: null,
    createdAt: now,
    updatedAt: now,
  };
}

export function issueVersion(document: StoredDocument): Step {
  if (document.status === 'deleting') return null;
  return { ...document, versionsIssued: document.versionsIssued + 1 };
}

const NOTHING_DONE: Pick<StoredDocument, 'progress' | 'error' | 'batches' | 'findings' | 'hold'> = {
  progress: 0,
  error: null,
  batches: null,
  findings: [],
  hold: null,
};

/** The file of a version has arrived and waits to be processed. */
export function queueVersion(
  document: StoredDocument,
  version: number,
  file: { readonly size: number; readonly modifiedAt?: string | undefined; readonly now: string },
): Step {
  const isNews = version > document.version || (version === document.version && document.status === 'awaiting-upload');
  if (document.status === 'deleting' || !isNews) return null;
  return {
    ...document,
    version,
    status: 'queued',
    size: file.size,
    modifiedAt: file.modifiedAt ?? (document.status === 'awaiting-upload' ? document.modifiedAt : null) ?? file.now,
    ...NOTHING_DONE,
    updatedAt: file.now,
  };
}

/** Puts the current version in the queue again, whatever became of it. */
export function requeue(document: StoredDocument, now: string): Step {
  if (document.status === 'deleting' || document.status === 'ready' || document.status === 'awaiting-upload')
    return null;
  return { ...document, status: 'queued', ...NOTHING_DONE, screened: null, updatedAt: now };
}

/** Puts a version in the queue again that is ready but not found whole; what is left of it goes on being found. */
export function reindex(document: StoredDocument, version: number, now: string): Step {
  if (document.status !== 'ready' || document.version !== version) return null;
  const again = { status: 'queued', liveVersion: null, screened: version, progress: 0, batches: null } as const;
  return { ...document, ...again, updatedAt: now };
}

export function isCurrent(document: StoredDocument | undefined, version: number): document is StoredDocument {
  return document !== undefined && document.status !== 'deleting' && document.version === version;
}

export interface ChunkedFacts {
  readonly mediaType: string;
  readonly pageCount: number | null;
  readonly chunkCount: number;
  readonly termCount: number;
  readonly batchCount: number;
  readonly findings: readonly FindingSummary[];
  readonly now: string;
}

/**
 * Nothing of a version is to be indexed until a manager lets it pass. Not of one that was let pass or that came through
 * before: what answers already and is only indexed again goes on answering.
 */
export function hold(
  document: StoredDocument,
  version: number,
  { now, reason, findings, ...facts }: Omit<ChunkedFacts, 'batchCount' | 'termCount'> & { readonly reason: HoldReason },
): Step {
  const isThrough = document.status === 'embedding' || (document.screened ?? 0) >= version;
  if (!isCurrent(document, version) || isThrough || isReleased(document, reason)) return null;
  const waiting = { ...document, ...facts, ...NOTHING_DONE, termCount: null, findings: [...findings], hold: reason };
  return { ...waiting, status: 'held', updatedAt: now };
}

function isReleased({ released }: StoredDocument, { hash, rules }: HoldReason): boolean {
  return released?.hash === hash && rules.every((rule) => released.rules.includes(rule));
}

/** A manager lets a version pass. One that has been is given as it is, as its message may have been lost. */
export function release(document: StoredDocument, version: number, now: string): Step {
  if (!isCurrent(document, version)) return null;
  if (document.status === 'queued' && document.released?.version === version) return document;
  if (document.status !== 'held' || !document.hold) return null;
  return { ...document, status: 'queued', ...NOTHING_DONE, released: { ...document.hold, version }, updatedAt: now };
}

export function startEmbedding(document: StoredDocument, version: number, facts: ChunkedFacts): Step {
  if (!isCurrent(document, version) || document.status === 'ready' || document.status === 'held') return null;
  return {
    ...document,
    status: 'embedding',
    mediaType: facts.mediaType,
    pageCount: facts.pageCount,
    chunkCount: facts.chunkCount,
    termCount: facts.termCount,
    batches: document.batches?.total === facts.batchCount ? document.batches : { total: facts.batchCount },
    error: null,
    findings: [...facts.findings],
    screened: version,
    updatedAt: facts.now,
  };
}

/** Whether a batch is waited for; one of an earlier, longer cut of the same version is not. */
export function isBatchOf({ status, batches }: StoredDocument, batch: number): boolean {
  return status === 'embedding' && batches !== null && batch < batches.total;
}

export function finishBatch(document: StoredDocument, version: number, batch: number, now: string): Step {
  if (!isCurrent(document, version) || !document.batches || !isBatchOf(document, batch)) return null;
  const batches = withBatchDone(document.batches, batch);
  return { ...document, batches, progress: countBatchesDone(batches) / batches.total, updatedAt: now };
}

export function allBatchesDone({ batches }: StoredDocument): boolean {
  return batches !== null && countBatchesDone(batches) === batches.total;
}

/** The vector store answers from this version now; a version that was overtaken meanwhile answers until the newer is whole. */
export function recordLive(
  document: StoredDocument,
  version: number,
  { liveIn, now }: { readonly liveIn: readonly string[]; readonly now: string },
): Step {
  const isPast = (document.liveVersion ?? 0) >= version;
  if (document.status === 'deleting' || isPast || document.version < version) return null;
  if (document.version === version && document.status === 'held') return null;
  if (document.version !== version) return { ...document, liveVersion: version, liveIn };
  return { ...document, status: 'ready', liveVersion: version, liveIn, progress: 1, error: null, updatedAt: now };
}

/** The space of another model answers from this version as well; it is not a change that anybody made. */
export function recordLiveIn(document: StoredDocument, version: number, model: string): Step {
  if (document.status === 'deleting' || document.liveVersion !== version) return null;
  return { ...document, liveIn: [...new Set([...(document.liveIn ?? []), model])] };
}

export function isLiveIn({ liveIn = [] }: StoredDocument, model: string): boolean {
  return liveIn.includes(model);
}

/** All batches of a version once more: they are not where the knowledge base lives by now. */
export function embedAgain(document: StoredDocument, version: number, now: string): Step {
  if (!isCurrent(document, version) || document.status !== 'embedding' || !document.batches) return null;
  return { ...document, batches: { total: document.batches.total }, progress: 0, updatedAt: now };
}

const ENDED: ReadonlySet<DocumentStatus> = new Set(['ready', 'held', 'failed']);

export function fail(document: StoredDocument, version: number, error: DocumentFailure, now: string): Step {
  if (!isCurrent(document, version) || ENDED.has(document.status)) return null;
  return { ...document, status: 'failed', error, updatedAt: now };
}

export function startDeleting(document: StoredDocument, now: string): Step {
  if (document.status === 'deleting') return null;
  return { ...document, status: 'deleting', updatedAt: now };
}
