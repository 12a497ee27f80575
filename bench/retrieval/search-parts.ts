import { tenantIdOf } from '../../local/seed.ts';
import { createQdrantVectorStore } from '../../shared/adapters/qdrant/vector-store.ts';
import type { Config } from '../../shared/config.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import { newId } from '../../shared/identifiers.ts';
import { permissionsOf } from '../../shared/identity/permissions.ts';
import type { Principal } from '../../shared/identity/principal.ts';
import { NO_CONTENT } from '../../shared/knowledge/knowledge-content.ts';
import { queryVector } from '../../shared/knowledge/lexical/bm25.ts';
import type { Hits } from '../../shared/knowledge/ranking/rank-passages.ts';
import { searchScope } from '../../shared/knowledge/search-scope.ts';
import { anybody, embeddingModelOf } from '../embedding-model.ts';

/** A search by its parts, asked of their adapters as the app asks them, with what each took in milliseconds. */
export type SearchParts = (
  knowledgeBase: KnowledgeBase,
  question: string,
  limit: number,
) => Promise<{ hits: Hits; embedding: number; store: number }>;

export function createSearchParts(config: Config): SearchParts {
  const embeddingModel = embeddingModelOf(config);
  const vectorStore = createQdrantVectorStore(config.qdrant);
  const space = { model: embeddingModel.name, dimensions: embeddingModel.dimensions };
  return async (knowledgeBase, question, limit) => {
    const scope = searchScope(reader(), [{ ...knowledgeBase, content: NO_CONTENT }]);
    const embedded = await timed(() => embeddingModel.embed(anybody, [question]));
    const query = { dense: embedded.value.vectors[0] ?? [], sparse: await queryVector(question), limit };
    const found = await timed(() => vectorStore.search(space, scope, query));
    return { hits: found.value, embedding: embedded.milliseconds, store: found.milliseconds };
  };
}

function reader(): Principal {
  const tenantId = tenantIdOf('contoso');
  return {
    kind: 'user',
    tenantId,
    tenantName: 'Contoso',
    tenantChain: [{ id: tenantId, policy: {} }],
    userId: newId('ses'),
    displayName: 'Bench',
    groups: [],
    roles: ['Member'],
    permissions: permissionsOf(['Member']),
    knowledgeBaseIds: null,
  };
}

export async function timed<T>(work: () => Promise<T>): Promise<{ value: T; milliseconds: number }> {
  const startedAt = performance.now();
  const value = await work();
  return { value, milliseconds: performance.now() - startedAt };
}
