import type { DocumentId } from '../../contracts/identifiers.ts';
import type { KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import type { SpaceName, VectorStore } from '../../knowledge/vector-store.ts';
import { collectionName, unlessMissing } from './collection.ts';
import { matching } from './filters.ts';
import type { QdrantCall } from './qdrant-client.ts';

const fieldsOf = ({ tenantId, knowledgeBaseId }: KnowledgeBaseKey) => ({
  tenant_id: tenantId,
  knowledge_base_id: knowledgeBaseId,
});

/** What a knowledge base has in the store, to compare it with its records. */
export function createInventory(call: QdrantCall): Pick<VectorStore, 'documentsIn' | 'countLive'> {
  return {
    async documentsIn(space: SpaceName, knowledgeBase, { after, limit }) {
      const filter = matching(fieldsOf(knowledgeBase));
      const request = { filter, limit, with_payload: ['document_id'], with_vector: false };
      const offset = after === '' ? {} : { offset: after };
      const page = await unlessMissing({ points: [], next_page_offset: null }, () =>
        call((client) => client.scroll(collectionName(space), { ...request, ...offset })),
      );
      const ids = page.points.map(({ payload }) => String(payload?.document_id));
      const next = page.next_page_offset;
      return { documentIds: [...new Set(ids)], next: next == null ? null : String(next) };
    },

    async countLive(space: SpaceName, knowledgeBase, documentIds) {
      if (documentIds.length === 0) return new Map<DocumentId, number>();
      const { must } = matching({ ...fieldsOf(knowledgeBase) });
      const filter = {
        must: [
          ...must,
          { key: 'document_id', match: { any: [...documentIds] } },
          { key: 'live', match: { value: true } },
        ],
      };
      const request = { key: 'document_id', filter, limit: documentIds.length, exact: true };
      const { hits } = await unlessMissing({ hits: [] }, () =>
        call((client) => client.facet(collectionName(space), request)),
      );
      return new Map(hits.map(({ value, count }) => [String(value), count]));
    },
  };
}
