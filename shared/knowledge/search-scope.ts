import type { TenantId } from '../contracts/identifiers.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { SearchFilters } from '../contracts/search-filters.ts';
import { AppError } from '../errors.ts';
import { grantsHeldBy, type Principal } from '../identity/principal.ts';
import { maySeeDocument } from './document-access.ts';
import type { DocumentKey, StoredDocument } from './document-repository.ts';
import { keyOf } from './document-source.ts';
import { maySeeKnowledgeBase } from './knowledge-base-access.ts';
import type { SearchableKnowledgeBase } from './knowledge-content.ts';

declare const checked: unique symbol;

/** What a search may touch. Only `searchScope` makes one, so no search can leave out tenant or access. */
export interface SearchScope {
  readonly [checked]: true;
  readonly tenantId: TenantId;
  readonly knowledgeBaseIds: readonly string[];
  readonly grants: readonly string[];
  /** Documents that are not to be found, whatever their chunks carry. */
  readonly withheldDocumentIds: readonly string[];
  /** What the caller narrows it to; never widens it. */
  readonly filters: SearchFilters;
}

/** The scope of a principal over those of the given knowledge bases that it may see, narrowed by filters if there are any. */
export function searchScope(
  principal: Principal,
  knowledgeBases: readonly SearchableKnowledgeBase[],
  filters: SearchFilters = {},
): SearchScope {
  const visible = knowledgeBases.filter((knowledgeBase) => maySeeKnowledgeBase(principal, knowledgeBase));
  return {
    tenantId: principal.tenantId,
    knowledgeBaseIds: visible.map((knowledgeBase) => knowledgeBase.id),
    grants: grantsHeldBy(principal),
    withheldDocumentIds: visible.flatMap(({ content }) => Object.keys(content.withheld)),
    filters,
  } as unknown as SearchScope;
}

declare const seen: unique symbol;

/** One document that whoever asks may see. Only `documentScope` makes one, so no chunk can be read without tenant and access. */
export interface DocumentScope extends DocumentKey {
  readonly [seen]: true;
}

/** The scope of one document for a principal. @throws AppError `not_found` when it may not see it. */
export function documentScope(
  principal: Principal,
  knowledgeBase: KnowledgeBase,
  document: StoredDocument,
): DocumentScope {
  const isTheirs = document.tenantId === principal.tenantId && document.knowledgeBaseId === knowledgeBase.id;
  if (!isTheirs || !maySeeDocument(principal, knowledgeBase, document)) {
    throw new AppError('not_found', 'There is no such document.');
  }
  return keyOf(document) as unknown as DocumentScope;
}

/** One scope for each embedding model that one of the knowledge bases lives in, by its name. */
export function searchScopes(
  principal: Principal,
  knowledgeBases: readonly SearchableKnowledgeBase[],
  filters?: SearchFilters,
): ReadonlyMap<string, SearchScope> {
  const groups = Map.groupBy(knowledgeBases, ({ embeddingModel }) => embeddingModel);
  const scopes = [...groups].map(([model, group]) => [model, searchScope(principal, group, filters)] as const);
  return new Map(scopes.filter(([, { knowledgeBaseIds }]) => knowledgeBaseIds.length > 0));
}
