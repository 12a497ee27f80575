import { setTimeout as sleep } from 'node:timers/promises';
import type { KnowledgeBaseId, TenantId } from '../../contracts/identifiers.ts';
import { AppError, isAppError } from '../../errors.ts';
import { changedContent, type KnowledgeContent, NO_CONTENT } from '../../knowledge/knowledge-content.ts';
import type { Item, ItemStore } from './item-store.ts';

/** Beside the knowledge base, not in it: each document that goes live changes it, which must not change that one's ETag. */
export interface KnowledgeContentItem extends Item, KnowledgeContent {
  readonly tenantId: TenantId;
  readonly contentOf: KnowledgeBaseId;
}

const MAX_ATTEMPTS = 12;
const JITTER_MILLISECONDS = 40;

export const contentIdOf = (id: KnowledgeBaseId) => `content-${id}`;

export function isContentItem(item: Item): item is KnowledgeContentItem {
  return 'contentOf' in item;
}

export interface ContentChange {
  readonly tenantId: TenantId;
  readonly id: KnowledgeBaseId;
  /** What access lists name now; without any there is nothing to read first. */
  readonly grants: readonly string[];
}

/** Changes the content of a knowledge base that is there. @throws AppError `conflict` when others keep winning. */
export async function changeContent(items: ItemStore<KnowledgeContentItem>, change: ContentChange): Promise<void> {
  if (change.grants.length === 0 && (await count(items, change))) return;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (await changeOnce(items, change)) return;
    await sleep(Math.random() * JITTER_MILLISECONDS * attempt);
  }
  throw new AppError('conflict', 'The knowledge base is being changed by many at once. Try again.');
}

/** Needs no reading, so that a thousand documents at once do not stand in each other's way. */
async function count(items: ItemStore<KnowledgeContentItem>, { tenantId, id }: ContentChange): Promise<boolean> {
  const patched = await items.patch([tenantId], contentIdOf(id), [{ op: 'incr', path: '/version', value: 1 }]);
  return patched !== null;
}

/** @returns false when somebody else was faster. */
async function changeOnce(items: ItemStore<KnowledgeContentItem>, change: ContentChange): Promise<boolean> {
  const { tenantId, id, grants } = change;
  const found = await items.read([tenantId], contentIdOf(id));
  const known = found?.value.grants;
  if (known && grants.every((grant) => known.includes(grant))) return count(items, change);
  // A knowledge base that is gone needs none, and nobody would remove it.
  if (!found && !(await items.read([tenantId], id))) return true;
  const content = changedContent(found?.value ?? NO_CONTENT, grants);
  const item = { id: contentIdOf(id), tenantId, contentOf: id, ...content };
  try {
    if (found) return (await items.replace([tenantId], item, found.etag)) !== null;
    await items.create(item);
    return true;
  } catch (error) {
    if (isAppError(error, 'precondition_failed') || isAppError(error, 'conflict')) return false;
    throw error;
  }
}
