import type { ReconcileReport } from '../../contracts/drop-folder.ts';

/** What is compared with what, in this order. */
export const RECONCILE_STEPS = ['files', 'documents', 'vectors', 'stored-files'] as const;
export type ReconcileStepName = (typeof RECONCILE_STEPS)[number];

/** How far the check of a knowledge base has come. */
export interface ReconcileState {
  readonly report: ReconcileReport;
  /** null when all are done. */
  readonly step: ReconcileStepName | null;
  /** Where in the step to go on; empty at its start. */
  readonly after: string;
  /** Files of the drop folder that have their document. */
  readonly matchedFiles: number;
  /** Whether documents whose files are gone are looked for and removed; null until that is decided. */
  readonly removals: 'none' | 'allowed' | 'held-back' | null;
  readonly confirmRemovals: boolean;
}

/** So few are removed without asking whether it may be a mistake. */
const FEW_REMOVALS = 20;
const SUSPICIOUS_SHARE = 0.5;

export function newReconcileState(now: string, confirmRemovals: boolean): ReconcileState {
  return {
    report: {
      startedAt: now,
      finishedAt: null,
      checked: { files: 0, documents: 0, indexedDocuments: 0, storedDocuments: 0 },
      mended: {
        taken: 0,
        changed: 0,
        removed: 0,
        accessFiles: 0,
        manifests: 0,
        sentAgain: 0,
        reindexed: 0,
        vectorsRemoved: 0,
        filesRemoved: 0,
      },
      removalsHeldBack: 0,
      failed: 0,
    },
    step: RECONCILE_STEPS[0],
    after: '',
    matchedFiles: 0,
    removals: null,
    confirmRemovals,
  };
}

/**
 * Decides whether documents may be removed whose files are gone. An emptied or wrongly mounted folder looks like a mass
 * deletion, and nobody wants a search without documents in the morning.
 * @param dropped documents that came from the drop folder
 * @param matched files there that have their document
 */
export function decideRemovals(
  dropped: number,
  matched: number,
  isConfirmed: boolean,
): Pick<ReconcileState, 'removals'> & { readonly heldBack: number } {
  const gone = Math.max(0, dropped - matched);
  if (gone === 0) return { removals: 'none', heldBack: 0 };
  const isSuspicious = gone > FEW_REMOVALS && gone > dropped * SUSPICIOUS_SHARE;
  if (isSuspicious && !isConfirmed) return { removals: 'held-back', heldBack: gone };
  return { removals: 'allowed', heldBack: 0 };
}
