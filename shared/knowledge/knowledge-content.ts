import type { DocumentId } from '../contracts/identifiers.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import { AppError } from '../errors.ts';

/** Documents by id, each with a revision of its record. */
export type Revisions = Readonly<Record<DocumentId, number>>;

/** What tells whether an answer from a knowledge base may be out of date, and for whom it would be another. */
export interface KnowledgeContent {
  /** Another number after every change of what can be found in it, or by whom. */
  readonly version: number;
  /** Every grant that the access list of a document in it has named; null: too many to tell. */
  readonly grants: readonly string[] | null;
  /** Documents that no search may find until their chunks carry the access of so high a revision. */
  readonly withheld: Revisions;
}

/** Something that has changed, or is about to. */
export interface ContentChange {
  /** What access lists name now. */
  readonly grants?: readonly string[];
  /** Documents that are not to be found before their chunks carry a revision. */
  readonly withhold?: Revisions;
  /** Documents of which every chunk carries a revision, so that one to wait for which is no higher is waited for no longer. */
  readonly release?: Revisions;
}

export type SearchableKnowledgeBase = KnowledgeBase & { readonly content: KnowledgeContent };

/** Nothing has been put into it yet. */
export const NO_CONTENT: KnowledgeContent = { version: 0, grants: [], withheld: {} };

/** Releases a document whatever it waits for: there is nothing of it to be found any more. */
export const LAST_REVISION = Number.MAX_SAFE_INTEGER;

const MAX_GRANTS = 200;
/** They are read, and named to the vector store, with every search. */
export const MAX_WITHHELD = 500;
const RETRY_AFTER_SECONDS = 30;

/** The content after a change. @throws AppError `dependency_unavailable` when too many documents wait for the vector store. */
export function changedContent(content: KnowledgeContent, change: ContentChange): KnowledgeContent {
  const { version, grants } = content;
  const all = grants && new Set([...grants, ...(change.grants ?? [])]);
  return {
    version: version + 1,
    grants: all && all.size <= MAX_GRANTS ? [...all].sort() : null,
    withheld: changedRevisions(content.withheld, change),
  };
}

function changedRevisions(withheld: Revisions, { withhold = {}, release = {} }: ContentChange): Revisions {
  const kept = Object.entries(withheld).filter(([id, revision]) => revision > (release[id] ?? 0));
  const next = new Map(kept);
  for (const [id, revision] of Object.entries(withhold)) next.set(id, Math.max(revision, next.get(id) ?? 0));
  if (next.size <= MAX_WITHHELD || next.size <= kept.length) return Object.fromEntries(next);
  throw new AppError(
    'dependency_unavailable',
    `${MAX_WITHHELD} documents of this knowledge base wait for the vector store already, so no more can be changed. ` +
      'Try again when it is available.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

/** Two changes as one. What is to be withheld stays so, even if the other one releases it. */
export function mergedChange(one: ContentChange, other: ContentChange): ContentChange {
  return {
    grants: [...new Set([...(one.grants ?? []), ...(other.grants ?? [])])],
    withhold: highest(one.withhold, other.withhold),
    release: highest(one.release, other.release),
  };
}

function highest(one: Revisions = {}, other: Revisions = {}): Revisions {
  const all = new Map(Object.entries(one));
  for (const [id, revision] of Object.entries(other)) all.set(id, Math.max(revision, all.get(id) ?? 0));
  return Object.fromEntries(all);
}

/** Whether a change is told by a count alone, and needs nothing to be read first. */
export function isCountOnly({ grants = [], withhold = {}, release = {} }: ContentChange): boolean {
  return grants.length === 0 && Object.keys(withhold).length === 0 && Object.keys(release).length === 0;
}
