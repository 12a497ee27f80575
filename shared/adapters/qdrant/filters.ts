import type { Schemas } from '@qdrant/js-client-rest';
import type { SearchFilters } from '../../contracts/search-filters.ts';
import { AppError } from '../../errors.ts';
import type { DocumentKey } from '../../knowledge/document-repository.ts';
import type { SearchScope } from '../../knowledge/search-scope.ts';
import type { Carried } from '../../knowledge/vector-store.ts';

export type Filter = Schemas['Filter'];

/** Points whose payload has all of these values. @throws AppError when one is missing: JSON would drop the condition. */
export function matching(values: Readonly<Record<string, string | number>>): Filter & { must: Schemas['Condition'][] } {
  const must = Object.entries(values).map(([key, value]) => {
    if (value === undefined || value === '') throw new AppError('internal', `A vector store filter lacks its ${key}.`);
    return { key, match: { value } };
  });
  return { must };
}

/** What a caller narrows a search to. */
function narrowedTo({ tags, modifiedFrom, modifiedTo, sources, documentIds }: SearchFilters): Schemas['Condition'][] {
  const oneOf = (key: string, any: readonly string[] | undefined) => (any ? [{ key, match: { any: [...any] } }] : []);
  const range = {
    ...(modifiedFrom !== undefined && { gte: modifiedFrom }),
    ...(modifiedTo !== undefined && { lte: modifiedTo }),
  };
  return [
    ...oneOf('tags', tags?.any),
    ...(tags?.all ?? []).map((value) => ({ key: 'tags', match: { value } })),
    ...(Object.keys(range).length > 0 ? [{ key: 'modified_at', range }] : []),
    ...oneOf('source', sources),
    ...oneOf('document_id', documentIds),
  ];
}

/** What a search may find. @throws AppError when it names no tenant, before anything is sent. */
export function searchable(scope: SearchScope): Filter & { must: Schemas['Condition'][] } {
  const { must } = matching({ tenant_id: scope.tenantId });
  must.push(
    { key: 'knowledge_base_id', match: { any: [...scope.knowledgeBaseIds] } },
    { key: 'grants', match: { any: [...scope.grants] } },
    { key: 'live', match: { value: true } },
    ...narrowedTo(scope.filters),
  );
  const withheld = { key: 'document_id', match: { any: [...scope.withheldDocumentIds] } };
  return scope.withheldDocumentIds.length > 0 ? { must, must_not: [withheld] } : { must };
}

export const documentFields = ({ tenantId, knowledgeBaseId, documentId }: DocumentKey) => ({
  tenant_id: tenantId,
  knowledge_base_id: knowledgeBaseId,
  document_id: documentId,
});

/** Chunks that carry no later revision than this; those from before there were revisions carry none. */
export const notLaterThan = (revision: number): Filter => ({
  should: [{ key: 'revision', range: { lte: revision } }, { is_empty: { key: 'revision' } }],
});

/** Chunks that carry exactly this. */
export function carrying({ revision, documentName, grants }: Carried): Filter {
  const { must } = matching({ revision, document_name: documentName });
  if (grants.length === 0) return { must: [...must, { is_empty: { key: 'grants' } }] };
  const { length } = grants;
  must.push({ key: 'grants', values_count: { gte: length, lte: length } });
  for (const grant of grants) must.push({ key: 'grants', match: { value: grant } });
  return { must };
}
