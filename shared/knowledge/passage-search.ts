import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditLog } from '../audit/audit-log.ts';
import { recordRetrieval } from '../audit/record-retrieval.ts';
import type { RunId } from '../contracts/identifiers.ts';
import type { KnowledgeQuery } from '../contracts/search.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { type EmbedWithinLimitsOptions, embedWithinLimits } from './embed-within-limits.ts';
import type { KnowledgeBases } from './knowledge-bases.ts';
import type { Passage } from './passage.ts';
import type { Retrieval } from './retrieval.ts';

/** For which run is searched, if for any, and until when. */
export interface SearchOccasion {
  readonly runId: RunId;
  readonly signal: AbortSignal;
}

/**
 * Searches what a principal may read, within its limits, metered and on record.
 * @param present makes of the passages what is told, while the search is put on record; nothing is told before it is.
 * @throws AppError `not_found` for a knowledge base that it may not see.
 */
export type PassageSearch = <T>(
  principal: Principal,
  query: KnowledgeQuery,
  present: (passages: Passage[]) => T,
  occasion?: SearchOccasion,
) => Promise<T>;

export interface PassageSearchOptions extends EmbedWithinLimitsOptions {
  readonly knowledgeBases: KnowledgeBases;
  readonly retrieval: Retrieval;
  readonly audit: AuditLog;
}

export function createPassageSearch(options: PassageSearchOptions): PassageSearch {
  const { knowledgeBases, retrieval, audit } = options;
  return async (principal, { query, limit, diverse, filters, knowledgeBaseIds }, present, occasion) => {
    const choosing = knowledgeBases
      .searchable(principal)
      .then((visible) => visible.filter(({ id }) => knowledgeBaseIds === undefined || knowledgeBaseIds.includes(id)));
    const [embedding, choice] = await Promise.allSettled([
      embedWithinLimits(options, principal, { query, knowledgeBaseIds }, choosing, occasion?.signal),
      choosing,
    ]);
    if (embedding.status === 'rejected') throw embedding.reason;
    const { question, addUsage, record } = embedding.value;
    const chosen = choice.status === 'fulfilled' ? choice.value : [];
    const knowledgeBaseId = chosen.length === 1 ? (chosen[0]?.id ?? null) : null;
    const search = async () => {
      if (choice.status === 'rejected') throw choice.reason;
      if (knowledgeBaseIds !== undefined && chosen.length < new Set(knowledgeBaseIds).size) {
        throw new AppError('not_found', 'There is no such knowledge base.');
      }
      return retrieval.search(principal, chosen, question, { limit, diverse, filters }, addUsage);
    };
    const searching = search();
    // Whatever comes of it; at the soonest when it was sent.
    const taken = retrieval.takesMore ? Promise.allSettled([searching]) : nextTurn();
    const recorded = taken.then(() => record(knowledgeBaseId));
    const passages = await searching;
    const searched = { subject: occasion?.runId ?? null, knowledgeBaseIds: chosen.map(({ id }) => id), passages };
    const [told] = await Promise.all([
      nextTurn(passages).then(present),
      recorded,
      recordRetrieval(audit, principal, searched),
    ]);
    return told;
  };
}
