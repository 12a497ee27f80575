import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';

/** What tells whether an answer from a knowledge base may be out of date, and for whom it would be another. */
export interface KnowledgeContent {
  /** Another number after every change of what can be found in it, or by whom. */
  readonly version: number;
  /** Every grant that the access list of a document in it has named; null: too many to tell. */
  readonly grants: readonly string[] | null;
}

export type SearchableKnowledgeBase = KnowledgeBase & { readonly content: KnowledgeContent };

/** Nothing has been put into it yet. */
export const NO_CONTENT: KnowledgeContent = { version: 0, grants: [] };

const MAX_GRANTS = 200;

/** The content after a change that may bring in grants. */
export function changedContent({ version, grants }: KnowledgeContent, added: readonly string[]): KnowledgeContent {
  const all = grants && new Set([...grants, ...added]);
  return { version: version + 1, grants: all && all.size <= MAX_GRANTS ? [...all].sort() : null };
}
