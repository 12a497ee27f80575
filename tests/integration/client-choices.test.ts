import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { Me } from '../../shared/contracts/me.ts';
import type { Problem } from '../../shared/contracts/problem.ts';
import type { Tenant } from '../../shared/contracts/tenants.ts';
import { ask, sessionOf } from './support/conversations.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  platformAdmin,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';

let tenant: TestTenant;
let other: TestTenant;
let keeper: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  [tenant, other] = await Promise.all([onboardTenant('Chooser'), onboardTenant('Chosen')]);
  keeper = await tenant.person(['KnowledgeManager']);
  knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
});

describe('where things are stored and searched', () => {
  const chat = { message: 'Hello', knowledgeBaseIds: [] };
  const base = { name: 'Mine' };
  const query = { query: 'pay' };
  it.each<[string, object, object]>([
    ['/chat', chat, { tenantId: 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X' }],
    ['/chat', chat, { userId: randomUUID() }],
    ['/chat', chat, { filter: { must: [] } }],
    ['/chat/stream', chat, { collection: 'chunks-other' }],
    ['/query', query, { tenantId: 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X' }],
    ['/query', query, { collection: 'chunks-other' }],
    ['/query', query, { filter: { must: [] } }],
    ['/knowledge-bases/:id/query', query, { grants: ['tenant'] }],
    ['/knowledge-bases', base, { id: 'kb_01JD3Q5V4M8K2N6P9R1S7T0W3X' }],
    ['/knowledge-bases', base, { tenantId: 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X' }],
    ['/knowledge-bases', base, { createdBy: randomUUID() }],
    ['/knowledge-bases', base, { embeddingModel: 'another' }],
  ])('is not for clients to choose: %s with %3$j', async (path, body, chosen) => {
    const url = `/api/v1${path.replace(':id', knowledgeBaseId)}`;

    const { status, body: problem } = await keeper.call<Problem>('POST', url, { ...body, ...chosen });

    expect(status).toBe(400);
    expect(problem).toMatchObject({ code: 'validation_failed', errors: [{ path: Object.keys(chosen)[0] }] });
  });

  it('is not asked of the form of useChat, which may hold more than we read', async () => {
    const messages = [
      { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hello' }], metadata: { tenantId: 'x' } },
    ];
    const chosen = { tenantId: other.id, userId: randomUUID(), collection: 'chunks-other', filter: {} };

    const answer = await keeper.must<{ sessionId: string }>('POST', '/api/v1/chat', {
      id: randomUUID(),
      messages,
      knowledgeBaseIds: [],
      ...chosen,
    });

    expect(await sessionOf(keeper, answer.sessionId)).toMatchObject({ id: answer.sessionId });
  });

  it('is not taken from headers or the query string', async () => {
    const stranger = await other.person(['Member']);
    const { sessionId } = await ask(keeper, 'Hello');
    const headers = { 'x-tenant-id': tenant.id, 'x-ms-client-principal-id': keeper.oid, 'x-user-id': keeper.oid };

    expect((await stranger.call('GET', `/api/v1/sessions/${sessionId}`, undefined, headers)).status).toBe(404);
    expect((await stranger.call('GET', `/api/v1/sessions?tenantId=${tenant.id}`)).status).toBe(400);
    expect((await stranger.must<Me>('GET', '/api/v1/me')).tenant.id).toBe(other.id);
  });

  it('is not decided by the name of a file, nor by that of the field that holds it', async () => {
    const name = `${other.id}/kb_01JD3Q5V4M8K2N6P9R1S7T0W3X/doc.txt`;
    const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents`;

    const { status, body } = await keeper.upload<KnowledgeDocument>(path, name, Buffer.from('Mine.'));

    expect(status).toBe(202);
    expect(body).toMatchObject({ knowledgeBaseId, name: 'doc.txt' });
  });
});

describe('what somebody may do', () => {
  it('is not for themselves to change', async () => {
    const roles = ['Member', 'TenantAdmin'] as const;
    for (const role of roles) {
      const person = await tenant.person([role]);
      const before = await person.must<Me>('GET', '/api/v1/me');
      const self = `/api/v1/admin/users/${person.oid}`;
      const attempts = [
        await person.call('PATCH', self, { assignedRoles: ['PlatformAdmin'] }),
        await person.call('PATCH', self, { assignedRoles: ['Auditor'] }),
        await person.call('PATCH', `/api/v1/admin/tenants/${tenant.id}`, { policy: {}, status: 'suspended' }),
        await person.call('POST', `/api/v1/admin/tenants/${tenant.id}/move`, { parentId: other.id }),
      ];
      const refused = attempts.map(({ status }) => status);
      expect({ role, refused: refused.filter((status) => status !== 403 && status !== 404) }).toEqual({
        role,
        refused: [],
      });
      expect((await person.call('PATCH', '/api/v1/me', { roles: ['PlatformAdmin'] })).status).toBeGreaterThanOrEqual(
        404,
      );
      expect(await person.must<Me>('GET', '/api/v1/me')).toEqual(before);
    }
  });

  it('has limits that an administrator of the tenant cannot lift above what is inherited', async () => {
    const company = await onboardTenant('Limited', { userLimits: { requestsPerMinute: 1 } });
    const admin = await company.person(['TenantAdmin']);
    const platform = await platformAdmin();
    const path = `/api/v1/admin/tenants/${company.id}`;
    const { policy } = await platform.must<Tenant>('GET', path);

    await admin.call('PATCH', path, { policy: { userLimits: { requestsPerMinute: 1_000 } } });

    expect((await platform.must<Tenant>('GET', path)).policy).toEqual(policy);
  });
});
