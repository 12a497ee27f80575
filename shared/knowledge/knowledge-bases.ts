import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { CreateKnowledgeBase, KnowledgeBase, UpdateKnowledgeBase } from '../contracts/knowledge-bases.ts';
import { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Versioned } from '../versioned.ts';
import { changeKnowledgeBase } from './change-knowledge-base.ts';
import type { IngestionQueues } from './ingestion-queues.ts';
import { mayManageKnowledgeBase, maySeeKnowledgeBase } from './knowledge-base-access.ts';
import type { KnowledgeBaseRepository } from './knowledge-base-repository.ts';
import type { SearchableKnowledgeBase } from './knowledge-content.ts';
import { requireRoomForKnowledgeBase } from './quotas.ts';

/** Knowledge bases as their users see them: what a principal may not see is not there. */
export interface KnowledgeBases {
  /** All that the principal may see, by name. */
  list(principal: Principal): Promise<KnowledgeBase[]>;
  /** The same, with what tells whether an earlier answer still holds. One round trip. */
  searchable(principal: Principal): Promise<SearchableKnowledgeBase[]>;
  /** @throws AppError `not_found` */
  get(principal: Principal, id: KnowledgeBaseId): Promise<Versioned<KnowledgeBase>>;
  /** @throws AppError `not_found`, or `forbidden` when it may be seen but not changed. */
  getManaged(principal: Principal, id: KnowledgeBaseId): Promise<Versioned<KnowledgeBase>>;
  /** @throws AppError `forbidden` for an API key that is held to knowledge bases which are there already. */
  create(principal: Principal, body: CreateKnowledgeBase): Promise<Versioned<KnowledgeBase>>;
  /** @param ifMatch the entity tag that the change was made from; left out, the change is applied to what is there. */
  update(
    principal: Principal,
    id: KnowledgeBaseId,
    change: UpdateKnowledgeBase,
    ifMatch: string | undefined,
  ): Promise<Versioned<KnowledgeBase>>;
  /** It is gone for everybody at once; its documents, vectors and files follow by queue. */
  remove(principal: Principal, id: KnowledgeBaseId): Promise<void>;
}

export function createKnowledgeBases(options: {
  readonly repository: KnowledgeBaseRepository;
  readonly queues: Pick<IngestionQueues, 'documentDelete'>;
  readonly embeddingModel: string;
  readonly newId: (prefix: 'kb') => string;
  readonly now: () => Date;
}): KnowledgeBases {
  const { repository, queues, now } = options;

  async function get(principal: Principal, id: KnowledgeBaseId) {
    const found = await repository.find(principal.tenantId, id);
    if (!found || !maySeeKnowledgeBase(principal, found.value)) {
      throw new AppError('not_found', 'There is no such knowledge base.');
    }
    return found;
  }

  async function getManaged(principal: Principal, id: KnowledgeBaseId) {
    const found = await get(principal, id);
    if (!mayManageKnowledgeBase(principal, found.value)) {
      throw new AppError('forbidden', 'Only its owner or a knowledge manager may change this knowledge base.');
    }
    return found;
  }

  async function searchable(principal: Principal) {
    const all = await repository.list(principal.tenantId);
    return all.filter((knowledgeBase) => maySeeKnowledgeBase(principal, knowledgeBase));
  }

  return {
    get,
    getManaged,
    searchable,
    async list(principal) {
      return (await searchable(principal)).map(({ content, ...knowledgeBase }) => knowledgeBase);
    },
    async create(principal, body) {
      if (principal.knowledgeBaseIds !== null) {
        throw new AppError('forbidden', 'This API key is for certain knowledge bases only; it may not create another.');
      }
      requireRoomForKnowledgeBase(principal, (await repository.list(principal.tenantId)).length);
      const at = now().toISOString();
      return repository.create(principal.tenantId, {
        ...body,
        id: options.newId('kb'),
        embeddingModel: options.embeddingModel,
        reindex: null,
        createdBy: principal.userId,
        createdAt: at,
        updatedAt: at,
      });
    },
    async update(principal, id, change, ifMatch) {
      const { value } = await getManaged(principal, id);
      const apply = (current: KnowledgeBase) => ({ ...current, ...change, updatedAt: now().toISOString() });
      if (ifMatch !== undefined) return repository.replace(principal.tenantId, apply(value), ifMatch);
      const changed = await changeKnowledgeBase(repository, { ...principal, knowledgeBaseId: id }, apply);
      if (!changed) throw new AppError('not_found', 'There is no such knowledge base.');
      return changed;
    },
    async remove(principal, id) {
      await getManaged(principal, id);
      await queues.documentDelete({ tenantId: principal.tenantId, knowledgeBaseId: id, documentId: null });
      await repository.remove(principal.tenantId, id);
    },
  };
}
