import type { TenantId } from '../../contracts/identifiers.ts';
import type { KnowledgeBase } from '../../contracts/knowledge-bases.ts';
import { AppError } from '../../errors.ts';
import type { KnowledgeBaseRepository } from '../../knowledge/knowledge-base-repository.ts';
import type { SearchableKnowledgeBase } from '../../knowledge/knowledge-content.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';
import {
  changeContent,
  contentIdOf,
  isContentItem,
  type KnowledgeContentItem,
  toContent,
} from './knowledge-content-items.ts';

type KnowledgeBaseItem = KnowledgeBase & { readonly tenantId: TenantId };
type StoredItem = KnowledgeBaseItem | KnowledgeContentItem;

const MAX_KNOWLEDGE_BASES = 1_000;
/** One for itself and one for its content. */
const ITEMS_PER_KNOWLEDGE_BASE = 2;
const byName = new Intl.Collator('en', { numeric: true }).compare;

/** One that was stored by an earlier release says nothing of surroundings: it has none. */
function toKnowledgeBase({ tenantId, chunking, ...knowledgeBase }: KnowledgeBaseItem): KnowledgeBase {
  return { ...knowledgeBase, chunking: { ...chunking, surroundingTokens: chunking.surroundingTokens ?? 0 } };
}

function toVersioned({ value, etag }: Versioned<KnowledgeBaseItem>): Versioned<KnowledgeBase> {
  return { value: toKnowledgeBase(value), etag };
}

function toSearchable(items: readonly StoredItem[]): SearchableKnowledgeBase[] {
  const contents = new Map(items.filter(isContentItem).map((item) => [item.contentOf, item]));
  return items.flatMap((item) => {
    if (isContentItem(item)) return [];
    return [{ ...toKnowledgeBase(item), content: toContent(contents.get(item.id)) }];
  });
}

export function createKnowledgeBaseRepository(cosmos: Cosmos): KnowledgeBaseRepository {
  const items = createItemStore<KnowledgeBaseItem>(cosmos, 'knowledge-bases');
  const contents = createItemStore<KnowledgeContentItem>(cosmos, 'knowledge-bases');
  return {
    async list(tenantId) {
      const limit = MAX_KNOWLEDGE_BASES * ITEMS_PER_KNOWLEDGE_BASE;
      const found: readonly StoredItem[] = await items.first([tenantId], 'SELECT * FROM c', limit);
      return toSearchable(found).sort((one, other) => byName(one.name, other.name));
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
    contentChanged: (tenantId, id, change) => changeContent(contents, { tenantId, id }, change),
    withheld: async (tenantId, id) => toContent((await contents.read([tenantId], contentIdOf(id)))?.value).withheld,
    async remove(tenantId, id) {
      await items.remove([tenantId], id);
      await contents.remove([tenantId], contentIdOf(id));
    },
  };
}
