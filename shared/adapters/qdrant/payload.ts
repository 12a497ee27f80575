import type { DocumentSource } from '../../contracts/documents.ts';
import type { TenantId } from '../../contracts/identifiers.ts';
import type { FindingKind } from '../../contracts/screening.ts';
import { matchesFilters } from '../../knowledge/matches-filters.ts';
import type { SearchScope } from '../../knowledge/search-scope.ts';
import type { Carried, ChunkPoint, IndexedPassage } from '../../knowledge/vector-store.ts';

/** A chunk as Qdrant keeps it beside its vectors. */
export interface Payload extends Record<string, unknown> {
  readonly tenant_id: string;
  readonly knowledge_base_id: string;
  readonly document_id: string;
  readonly document_name: string;
  readonly version: number;
  readonly index: number;
  readonly live: boolean;
  readonly grants: readonly string[];
  /** Chunks from before there were revisions have none. */
  readonly revision?: number;
  /** Chunks of before it was kept have none. */
  readonly content_hash?: string;
  readonly text: string;
  readonly heading_path: readonly string[];
  readonly page: number | null;
  readonly start: number;
  readonly end: number;
  /** Not in points of an earlier release, like the next. */
  readonly table_header?: string | null;
  readonly surroundings?: IndexedPassage['surroundings'];
  readonly tags?: readonly string[] | undefined;
  readonly modified_at?: string | null | undefined;
  readonly source?: DocumentSource | undefined;
  /** Left out by what was indexed before chunks were screened, and where nothing was found. */
  readonly flags?: readonly FindingKind[];
}

export function toPayload(tenantId: TenantId, { passage, revision, contentHash }: ChunkPoint): Payload {
  return {
    tenant_id: tenantId,
    knowledge_base_id: passage.knowledgeBaseId,
    document_id: passage.documentId,
    document_name: passage.documentName,
    version: passage.version,
    index: passage.index,
    live: false,
    grants: passage.grants,
    revision,
    ...(contentHash !== undefined && { content_hash: contentHash }),
    text: passage.text,
    heading_path: passage.headingPath,
    page: passage.page,
    start: passage.start,
    end: passage.end,
    table_header: passage.tableHeader,
    surroundings: passage.surroundings,
    tags: passage.tags,
    modified_at: passage.modifiedAt,
    source: passage.source,
    ...(passage.flags?.length && { flags: passage.flags }),
  };
}

/** The part of a payload that follows the document's record. */
export const carriedFields = ({ grants, documentName, tags, modifiedAt, revision }: Carried) => ({
  grants,
  document_name: documentName,
  ...(tags && { tags }),
  ...(modifiedAt !== undefined && { modified_at: modifiedAt }),
  revision,
});

export function fromPayload(payload: Payload): IndexedPassage {
  return {
    knowledgeBaseId: payload.knowledge_base_id,
    documentId: payload.document_id,
    documentName: payload.document_name,
    version: payload.version,
    index: payload.index,
    text: payload.text,
    headingPath: payload.heading_path,
    page: payload.page,
    start: payload.start,
    end: payload.end,
    tableHeader: payload.table_header ?? null,
    surroundings: payload.surroundings ?? null,
    grants: payload.grants,
    ...(payload.tags && { tags: payload.tags }),
    ...(payload.modified_at && { modifiedAt: payload.modified_at }),
    ...(payload.source && { source: payload.source }),
    flags: payload.flags ?? [],
  };
}

/** Checks a hit against the scope once more, so that a wrong filter or index cannot leak a passage. */
export function isWithin(scope: SearchScope, payload: unknown): payload is Payload {
  const candidate = payload as Partial<Payload> | null | undefined;
  return (
    candidate?.tenant_id === scope.tenantId &&
    candidate.live === true &&
    typeof candidate.text === 'string' &&
    typeof candidate.version === 'number' &&
    typeof candidate.knowledge_base_id === 'string' &&
    scope.knowledgeBaseIds.includes(candidate.knowledge_base_id) &&
    typeof candidate.document_id === 'string' &&
    !scope.withheldDocumentIds.includes(candidate.document_id) &&
    Array.isArray(candidate.grants) &&
    candidate.grants.some((grant) => scope.grants.includes(grant)) &&
    matchesFilters(scope.filters, {
      documentId: candidate.document_id,
      tags: candidate.tags,
      modifiedAt: candidate.modified_at,
      source: candidate.source,
    })
  );
}
