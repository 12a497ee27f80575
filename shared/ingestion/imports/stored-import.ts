import type { ImportProblem } from '../../contracts/imports.ts';

/** An import as it is stored; how its documents stand is counted when somebody asks. */
export interface StoredImport {
  readonly id: string;
  readonly source: 'request' | 'manifest';
  readonly manifest: string | null;
  readonly total: number;
  /** Of the items, how many have been looked at, and of the rest how many were rejected from the start. */
  readonly read: number;
  readonly rejected: number;
  readonly problems: readonly ImportProblem[];
  readonly createdBy: string | null;
  readonly createdAt: string;
  readonly readAt: string | null;
}

const MAX_PROBLEMS = 50;

/** The import with further items that were looked at, and what was wrong with some of them. */
export function withRead(stored: StoredImport, read: number, problems: readonly ImportProblem[]): StoredImport {
  return {
    ...stored,
    read: stored.read + read,
    rejected: stored.rejected + problems.length,
    problems: [...stored.problems, ...problems].slice(0, MAX_PROBLEMS),
  };
}
