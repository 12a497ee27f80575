import type { ReconcileReport } from '../../contracts/drop-folder.ts';
import type { KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import { metrics } from '../../telemetry/metrics.ts';
import { tenantLabel } from '../../telemetry/tenant-label.ts';
import { createDocumentsStep } from './reconcile-documents.ts';
import { createFilesStep } from './reconcile-files.ts';
import { createStoredFilesStep, createVectorsStep } from './reconcile-leftovers.ts';
import { openPage, type ReconcileOptions, type ReconcileStep } from './reconcile-page.ts';
import {
  decideRemovals,
  newReconcileState,
  RECONCILE_STEPS,
  type ReconcileState,
  type ReconcileStepName,
} from './reconcile-state.ts';

/** Older positions may mean nothing to the stores any more. */
const MAX_RESUMED_MILLISECONDS = 24 * 60 * 60_000;

export interface ReconcileRun {
  readonly isTimeUp: () => boolean;
  /** Begins anew, and removes documents whose files are gone however many they are. */
  readonly confirmRemovals: boolean;
}

/**
 * Compares what a knowledge base has in its drop folder, its records, the vector store and the store of files, and mends
 * what events and messages have missed. Goes on where the last run had no more time. Two at once only do the same twice.
 */
export type Reconcile = (knowledgeBase: KnowledgeBaseKey, run: ReconcileRun) => Promise<ReconcileReport>;

export function createReconcile(options: ReconcileOptions): Reconcile {
  const { repository, records, log, now } = options;
  const steps: Readonly<Record<ReconcileStepName, ReconcileStep>> = {
    files: createFilesStep(options),
    documents: createDocumentsStep(options),
    vectors: createVectorsStep(options),
    'stored-files': createStoredFilesStep(options),
  };

  async function begin(knowledgeBase: KnowledgeBaseKey, { confirmRemovals }: ReconcileRun): Promise<ReconcileState> {
    const last = confirmRemovals ? null : await records.reconcileState(knowledgeBase);
    const isFresh = last !== null && now().getTime() - Date.parse(last.report.startedAt) < MAX_RESUMED_MILLISECONDS;
    return last?.step && isFresh ? last : newReconcileState(now().toISOString(), confirmRemovals);
  }

  /** Once the files have been counted, and before the first document is looked at. */
  async function decide(knowledgeBase: KnowledgeBaseKey, state: ReconcileState): Promise<ReconcileState> {
    if (state.step !== 'documents' || state.removals !== null) return state;
    const dropped = await repository.countDropped(knowledgeBase);
    const { removals, heldBack } = decideRemovals(dropped, state.matchedFiles, state.confirmRemovals);
    if (heldBack > 0) log.warn('removals held back', { ...knowledgeBase, heldBack, dropped });
    return { ...state, removals, report: { ...state.report, removalsHeldBack: heldBack } };
  }

  async function doPage(knowledgeBase: KnowledgeBaseKey, state: ReconcileState): Promise<ReconcileState> {
    if (!state.step) return state;
    const page = openPage(knowledgeBase, state, log);
    const after = await steps[state.step](page, state.after);
    if (after !== null) return { ...page.result(), after };
    const next = RECONCILE_STEPS[RECONCILE_STEPS.indexOf(state.step) + 1] ?? null;
    return { ...page.result(), step: next, after: '' };
  }

  return async (knowledgeBase, run) => {
    let state = await begin(knowledgeBase, run);
    const before = state.report.mended;
    do {
      state = await doPage(knowledgeBase, await decide(knowledgeBase, state));
    } while (state.step && !run.isTimeUp());
    if (!state.step) state = { ...state, report: { ...state.report, finishedAt: now().toISOString() } };
    await records.putReconcileState(knowledgeBase, state);
    const { checked, mended, removalsHeldBack, failed, finishedAt } = state.report;
    log.info('reconciled', { ...knowledgeBase, ...checked, ...mended, removalsHeldBack, failed, finishedAt });
    const tenant = tenantLabel(knowledgeBase.tenantId);
    for (const finding of Object.keys(mended) as (keyof typeof mended)[]) {
      const count = mended[finding] - before[finding];
      if (count > 0) metrics.reconciled.add(count, { finding, tenant });
    }
    return state.report;
  };
}
