import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAccessExplainer } from '../../../shared/access/access-explainer.ts';
import { createResourceExplainer } from '../../../shared/access/explain-resource.ts';
import { type Access, Role } from '../../../shared/contracts/access.ts';
import type { ExplainAccessQuery } from '../../../shared/contracts/access-explanation.ts';
import type { KnowledgeBase } from '../../../shared/contracts/knowledge-bases.ts';
import { Permission } from '../../../shared/contracts/me.ts';
import type { User } from '../../../shared/contracts/users.ts';
import { isAppError } from '../../../shared/errors.ts';
import { createAuthenticator } from '../../../shared/identity/authenticator.ts';
import type { DirectoryTenant } from '../../../shared/identity/directory.ts';
import { noGroupDirectory } from '../../../shared/identity/group-directory.ts';
import type { Principal } from '../../../shared/identity/principal.ts';
import type { StoredDocument } from '../../../shared/knowledge/document-repository.ts';
import { createDocuments } from '../../../shared/knowledge/documents.ts';
import { createKnowledgeBases } from '../../../shared/knowledge/knowledge-bases.ts';

const ULID = '01JD3Q5V4M8K2N6P9R1S7T0W3X';
const [TENANT, KB, DOCUMENT] = [`ten_${ULID}`, `kb_${ULID}`, `doc_${ULID}`];
const guid = (digit: number) => `2a9b8c7d-6e5f-4a3b-8c1d-00000000000${digit}`;
const PERSON = guid(0);
const TID = guid(9);

const people = fc.constantFrom(guid(0), guid(1));
const groups = fc.uniqueArray(fc.constantFrom(guid(2), guid(3), guid(4)), { maxLength: 3 });
const roles = fc.uniqueArray(fc.constantFrom(...Role.options), { maxLength: 2 });
const status = fc.oneof({ weight: 5, arbitrary: fc.constant('active') }, fc.constant('suspended')) as fc.Arbitrary<
  'active' | 'suspended'
>;
const access: fc.Arbitrary<Access> = fc.record({
  visibility: fc.oneof(fc.constant('restricted'), fc.constant('tenant')) as fc.Arbitrary<Access['visibility']>,
  users: fc.uniqueArray(people, { maxLength: 2 }),
  groups,
  roles,
});
const worlds = fc.record({
  tenantStatus: status,
  userStatus: status,
  entraRoles: roles,
  assignedRoles: roles,
  groups,
  knowledgeBase: fc.option(fc.record({ createdBy: people, access }), { freq: 8 }),
  document: fc.option(fc.record({ createdBy: fc.option(people), access: fc.option(access) }), { freq: 8 }),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

const resourceOf = { 'knowledge-base:read': KB, 'knowledge-base:manage': KB, 'document:read': `${KB}/${DOCUMENT}` };
const questions = fc.oneof(
  fc.constantFrom(...(Object.keys(resourceOf) as (keyof typeof resourceOf)[])).map((action) => ({
    action,
    resource: resourceOf[action],
  })),
  fc.constantFrom(...Permission.options).map((action) => ({ action, resource: undefined })),
);
type Question = Pick<ExplainAccessQuery, 'action' | 'resource'>;

/** Everything around the decisions, as a world says. */
function stageOf(world: World) {
  const link = { id: TENANT, policy: {} };
  const tenant: DirectoryTenant = {
    id: TENANT,
    name: 'Contoso',
    status: world.tenantStatus,
    organisationId: TENANT,
    tenantChain: [link],
  };
  const user: User = {
    userId: PERSON,
    tenantId: TENANT,
    displayName: 'Ann',
    entraRoles: world.entraRoles,
    assignedRoles: world.assignedRoles,
    status: world.userStatus,
    legalHold: false,
    lastSeenAt: '2026-01-01T00:00:00.000Z',
  };
  const found =
    <T>(value: object | null, id: string) =>
    async () =>
      value && { value: { ...value, id, tenantId: TENANT, knowledgeBaseId: KB } as T, etag: '' };
  return {
    tenant,
    user,
    knowledgeBases: { find: found<KnowledgeBase>(world.knowledgeBase, KB) },
    documents: { find: found<StoredDocument>(world.document, DOCUMENT) },
  };
}

async function decide(world: World, question: Question): Promise<boolean> {
  const { tenant, user, knowledgeBases, documents } = stageOf(world);
  const claims = { tid: TID, oid: PERSON, roles: world.entraRoles, groups: world.groups };
  const authenticator = createAuthenticator({
    verifier: {} as never,
    apiKeys: {} as never,
    tenants: { resolve: async () => tenant, byId: async () => tenant },
    users: { seen: async () => user },
    groups: noGroupDirectory,
    platformAdminTenants: [TID],
    bypassClaims: claims,
  });
  const bases = createKnowledgeBases({ repository: knowledgeBases } as never);
  const all = createDocuments({ repository: documents, knowledgeBases: bases } as never);
  const reference = { knowledgeBaseId: KB, documentId: DOCUMENT };
  const routes: Record<string, [Permission, (principal: Principal) => Promise<unknown>]> = {
    'knowledge-base:read': ['knowledge:read', (principal) => bases.get(principal, KB)],
    'knowledge-base:manage': ['knowledge:write', (principal) => bases.getManaged(principal, KB)],
    'document:read': ['knowledge:read', (principal) => all.get(principal, reference)],
  };
  try {
    const principal = await authenticator.authenticate({ authorization: null, apiKey: null, bypass: true });
    const [permission, act] = routes[question.action] ?? [question.action as Permission, async () => undefined];
    if (!principal.permissions.has(permission)) return false;
    await act(principal);
    return true;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

it('explains exactly what is decided, with a reason, whoever asks for whatever', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, questions, async (world, question) => {
      const { tenant, user, knowledgeBases, documents } = stageOf(world);
      const explainer = createAccessExplainer({
        users: { get: async () => ({ value: user, etag: '' }) },
        tenants: { byId: async () => tenant },
        groups: noGroupDirectory,
        explainResource: createResourceExplainer({ knowledgeBases, documents }),
        chatModelOf: () => 'any',
      });
      const query = { ...question, user: PERSON, tenantId: TENANT, groups: world.groups };
      const { allowed, because } = await explainer.explain({} as Principal, query);
      expect(allowed).toBe(await decide(world, question));
      expect(because.some(({ kind }) => kind === 'missing' || kind === 'status')).toBe(!allowed);
      expect(because.length).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

const simplest: World = {
  tenantStatus: 'active',
  userStatus: 'active',
  entraRoles: ['Member'],
  assignedRoles: [],
  groups: [],
  knowledgeBase: null,
  document: null,
};

it.each([
  [['small'], true],
  [[], false],
])('knows that `auto` chooses among the models %j of the policy', async (models, allowed) => {
  const { tenant, user, knowledgeBases, documents } = stageOf(simplest);
  const explainer = createAccessExplainer({
    users: { get: async () => ({ value: user, etag: '' }) },
    tenants: { byId: async () => ({ ...tenant, tenantChain: [{ id: TENANT, policy: { models } }] }) },
    groups: noGroupDirectory,
    explainResource: createResourceExplainer({ knowledgeBases, documents }),
    chatModelOf: () => 'auto',
  });
  const query = { action: 'chat:use', user: PERSON, tenantId: TENANT } as const;
  expect(await explainer.explain({} as Principal, query)).toMatchObject({ allowed });
});
