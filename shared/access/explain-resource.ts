import type { AccessReason, ResourceAction } from '../contracts/access-explanation.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { Permission } from '../contracts/me.ts';
import type { Principal } from '../identity/principal.ts';
import { groundsToSeeDocument } from '../knowledge/document-access.ts';
import type { DocumentRepository } from '../knowledge/document-repository.ts';
import {
  type Ground,
  groundsToManageKnowledgeBase,
  groundsToSeeKnowledgeBase,
} from '../knowledge/knowledge-base-access.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import type { Finding } from './finding.ts';

type Action = Permission | ResourceAction;

/** Whether somebody may do something with one thing, permissions apart. */
export type ExplainResource = (person: Principal, action: Action, resource: string) => Promise<Finding>;

/** What the routes behind an action demand. */
export function permissionFor(action: Action): Permission {
  if (action === 'knowledge-base:manage') return 'knowledge:write';
  if (action === 'knowledge-base:read' || action === 'document:read') return 'knowledge:read';
  return action;
}

export function createResourceExplainer(options: {
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'find'>;
  readonly documents: Pick<DocumentRepository, 'find'>;
}): ExplainResource {
  async function groundsFor(person: Principal, action: Action, knowledgeBase: KnowledgeBase, documentId: string) {
    const toSee = groundsToSeeKnowledgeBase(person, knowledgeBase);
    if (action === 'knowledge-base:read' || toSee.length === 0) return toSee;
    if (action === 'knowledge-base:manage') return groundsToManageKnowledgeBase(person, knowledgeBase);
    const key = { tenantId: person.tenantId, knowledgeBaseId: knowledgeBase.id, documentId };
    const document = await options.documents.find(key);
    return document && groundsToSeeDocument(person, knowledgeBase, document.value);
  }

  return async (person, action, resource) => {
    const [knowledgeBaseId = '', documentId = ''] = resource.split('/');
    const knowledgeBase = await options.knowledgeBases.find(person.tenantId, knowledgeBaseId);
    if (!knowledgeBase) return missing('There is no such knowledge base in this tenant');
    const grounds = await groundsFor(person, action, knowledgeBase.value, documentId);
    if (!grounds) return missing('There is no such document in this knowledge base');
    if (grounds.length > 0) return { holds: true, because: grounds.map(reasonOf) };
    return missing(
      action === 'knowledge-base:manage'
        ? 'Not the owner with knowledge:write, and no role has knowledge:admin'
        : 'Not the owner, no role has knowledge:admin, and no entry of the access list fits the person',
    );
  };
}

const missing = (detail: string): Finding => ({ holds: false, because: [{ kind: 'missing', detail }] });

function reasonOf(ground: Ground): AccessReason {
  if (ground.kind === 'owner') return { kind: 'owner', detail: 'Created it' };
  if (ground.kind === 'permission') return { kind: 'role', detail: `A role has ${ground.permission}` };
  const detail = ground.grant === 'tenant' ? 'Everybody of the tenant may' : `The access list names ${ground.grant}`;
  return { kind: 'access-list', detail };
}
