import type { KnowledgeBaseId, TenantId } from '../../contracts/identifiers.ts';
import {
  type ContentChange,
  changedContent,
  isCountOnly,
  type KnowledgeContent,
  NO_CONTENT,
} from '../../knowledge/knowledge-content.ts';
import { whileOvertaken } from '../../while-overtaken.ts';
import type { Item, ItemStore } from './item-store.ts';

/** Beside the knowledge base, not in it: each document that goes live changes it, which must not change that one's ETag. */
export interface KnowledgeContentItem extends Item, Omit<KnowledgeContent, 'withheld'> {
  readonly tenantId: TenantId;
  readonly contentOf: KnowledgeBaseId;
  /** Items from before documents were withheld have none. */
  readonly withheld?: KnowledgeContent['withheld'];
}

/** Each instance sends one change after another, but counts, which need no reading, come between. */
const CONTENTION = {
  attempts: 20,
  jitter: 40,
  longestWait: 400,
  message: 'The knowledge base is being changed by many at once. Try again.',
};

export const contentIdOf = (id: KnowledgeBaseId) => `content-${id}`;

export function isContentItem(item: Item): item is KnowledgeContentItem {
  return 'contentOf' in item;
}

export function toContent(item: KnowledgeContentItem | undefined): KnowledgeContent {
  const { version, grants, withheld = {} } = item ?? NO_CONTENT;
  return { version, grants, withheld };
}

interface KnowledgeBaseKey {
  readonly tenantId: TenantId;
  readonly id: KnowledgeBaseId;
}

/** Changes the content of a knowledge base that is there. @throws AppError `conflict` when others keep winning. */
export async function changeContent(
  items: ItemStore<KnowledgeContentItem>,
  key: KnowledgeBaseKey,
  change: ContentChange,
): Promise<void> {
  if (isCountOnly(change) && (await count(items, key))) return;
  await whileOvertaken(
    {
      creates: true,
      read: () => changeOf(items, key, change),
      async write(next) {
        if (next === 'gone') return;
        if (next === 'count') await count(items, key);
        else if (next.etag === undefined) await items.create(next.item);
        else await items.replace([key.tenantId], next.item, next.etag);
      },
    },
    CONTENTION,
  );
}

/** Needs no reading, so that a thousand documents at once do not stand in each other's way. */
async function count(items: ItemStore<KnowledgeContentItem>, { tenantId, id }: KnowledgeBaseKey): Promise<boolean> {
  const patched = await items.patch([tenantId], contentIdOf(id), [{ op: 'incr', path: '/version', value: 1 }]);
  return patched !== null;
}

/** How the item has to be written; `count`: only its version changes. */
async function changeOf(
  items: ItemStore<KnowledgeContentItem>,
  { tenantId, id }: KnowledgeBaseKey,
  change: ContentChange,
): Promise<'gone' | 'count' | { item: KnowledgeContentItem; etag: string | undefined }> {
  const found = await items.read([tenantId], contentIdOf(id));
  // A knowledge base that is gone needs none, and nobody would remove it.
  if (!found && !(await items.read([tenantId], id))) return 'gone';
  const before = toContent(found?.value);
  const { version, ...rest } = changedContent(before, change);
  const isSame = JSON.stringify(rest) === JSON.stringify({ grants: before.grants, withheld: before.withheld });
  if (found && isSame) return 'count';
  return { item: { id: contentIdOf(id), tenantId, contentOf: id, version, ...rest }, etag: found?.etag };
}
