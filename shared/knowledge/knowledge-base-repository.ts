import type { KnowledgeBaseId, TenantId } from '../contracts/identifiers.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { Versioned } from '../versioned.ts';
import type { ContentChange, Revisions, SearchableKnowledgeBase } from './knowledge-content.ts';

export interface KnowledgeBaseRepository {
  /** All of the tenant, by name, in one round trip; at most 1,000. */
  list(tenantId: TenantId): Promise<SearchableKnowledgeBase[]>;
  find(tenantId: TenantId, id: KnowledgeBaseId): Promise<Versioned<KnowledgeBase> | null>;
  /** @throws AppError `conflict` when the id is taken. */
  create(tenantId: TenantId, knowledgeBase: KnowledgeBase): Promise<Versioned<KnowledgeBase>>;
  /** @throws AppError `precondition_failed` when the item is no longer what `etag` named. */
  replace(tenantId: TenantId, knowledgeBase: KnowledgeBase, etag: string): Promise<Versioned<KnowledgeBase>>;
  /**
   * Notes that what can be found in it has changed, or is about to. Nothing when it is gone.
   * @throws AppError `dependency_unavailable` when it withholds too many documents.
   */
  contentChanged(tenantId: TenantId, id: KnowledgeBaseId, change: ContentChange): Promise<void>;
  /** Documents that no search may find for now; none when it is gone. */
  withheld(tenantId: TenantId, id: KnowledgeBaseId): Promise<Revisions>;
  /** Does nothing when it is gone already. */
  remove(tenantId: TenantId, id: KnowledgeBaseId): Promise<void>;
}
