import type { TenantId } from '../../contracts/identifiers.ts';
import type { KnowledgeBase } from '../../contracts/knowledge-bases.ts';
import { AppError } from '../../errors.ts';
import type { KnowledgeBaseRepository } from '../../knowledge/knowledge-base-repository.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

type KnowledgeBaseItem = KnowledgeBase & { readonly tenantId: TenantId };

const MAX_KNOWLEDGE_BASES = 1_000;
const byName = new Intl.Collator('en', { numeric: true }).compare;

function toKnowledgeBase({ tenantId, ...knowledgeBase }: KnowledgeBaseItem): KnowledgeBase {
  return knowledgeBase;
}

function toVersioned({ value, etag }: Versioned<KnowledgeBaseItem>): Versioned<KnowledgeBase> {
  return { value: toKnowledgeBase(value), etag };
}

export function createKnowledgeBaseRepository(cosmos: Cosmos): KnowledgeBaseRepository {
  const items = createItemStore<KnowledgeBaseItem>(cosmos, 'knowledge-bases');
  return {
    async list(tenantId) {
      const found = await items.first([tenantId], 'SELECT * FROM c', MAX_KNOWLEDGE_BASES);
      return found.map(toKnowledgeBase).sort((one, other) => byName(one.name, other.name));
    },
    async find(tenantId, id) {
      const found = await items.read([tenantId], id);
      return found && toVersioned(found);
    },
    async create(tenantId, knowledgeBase) {
      return toVersioned(await items.create({ ...knowledgeBase, tenantId }));
    },
    async replace(tenantId, knowledgeBase, etag) {
      const replaced = await items.replace([tenantId], { ...knowledgeBase, tenantId }, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The knowledge base was deleted meanwhile.');
      return toVersioned(replaced);
    },
    remove: (tenantId, id) => items.remove([tenantId], id),
  };
}
