import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { findPerson, groups } from '../../local/people.ts';
import { platformClient } from '../../local/platform-client.ts';
import type { Access } from '../../shared/contracts/access.ts';
import type { AccessExplanation } from '../../shared/contracts/access-explanation.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  platformAdmin,
  stack,
  startAnotherApp,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const EXPLAIN = '/api/v1/admin/access/explain';
const GROUP = randomUUID();
const restricted = (to: Partial<Access>): Access => ({
  visibility: 'restricted',
  users: [],
  groups: [],
  roles: [],
  ...to,
});

let company: TestTenant;
let admin: TestPerson;
let member: TestPerson;
let grouped: TestPerson;

const explain = (query: Record<string, string>) =>
  admin.must<AccessExplanation>('GET', `${EXPLAIN}?${new URLSearchParams(query)}`);
const kinds = ({ because }: AccessExplanation) => because.map(({ kind }) => kind);

beforeAll(async () => {
  company = await onboardTenant();
  admin = await company.person(['TenantAdmin']);
  [member, grouped] = await Promise.all([company.person(['Member']), company.person(['Member'], { groups: [GROUP] })]);
  await Promise.all([admin, member, grouped].map((person) => person.must('GET', '/api/v1/me')));
});

describe('the access explainer', () => {
  it('names the role that grants a permission, or those that would', async () => {
    const allowed = await explain({ user: member.oid, action: 'chat:use' });
    expect(allowed).toMatchObject({ allowed: true, because: [{ kind: 'role', detail: 'Member has chat:use' }] });
    const denied = await explain({ user: member.oid, action: 'usage:read' });
    expect(denied).toMatchObject({
      allowed: false,
      because: [{ kind: 'missing', detail: expect.stringContaining('FinanceViewer') }],
    });
  });

  it('says what really happens, for whoever asks for a knowledge base or a document', async () => {
    const byGroup = await createKnowledgeBase(admin, { access: restricted({ groups: [GROUP] }) });
    const open = await createKnowledgeBase(admin);
    const { id } = await uploadAndWait(admin, open.id, 'a.md', '# A\n\nText.', restricted({ users: [member.oid] }));
    const questions = [
      ['knowledge-base:read', byGroup.id, `/api/v1/knowledge-bases/${byGroup.id}`, 'GET'],
      ['knowledge-base:read', open.id, `/api/v1/knowledge-bases/${open.id}`, 'GET'],
      ['document:read', `${open.id}/${id}`, `/api/v1/knowledge-bases/${open.id}/documents/${id}`, 'GET'],
      ['knowledge-base:manage', open.id, `/api/v1/knowledge-bases/${open.id}`, 'PATCH'],
    ] as const;
    const seen: unknown[] = [];
    for (const person of [admin, member, grouped]) {
      const held = person === grouped ? GROUP : '';
      for (const [action, resource, path, method] of questions) {
        const explanation = await explain({ user: person.oid, action, resource, groups: held });
        const { status } = await person.call(method, path, method === 'PATCH' ? { description: 'x' } : undefined);
        expect([action, explanation.allowed]).toEqual([action, status < 300]);
        seen.push(explanation.allowed);
      }
    }
    expect(seen).toEqual([true, true, true, true, false, true, true, false, true, true, false, false]);
    const reason = { kind: 'access-list', detail: `The access list names group:${GROUP}` };
    const query = { user: grouped.oid, action: 'knowledge-base:read', resource: byGroup.id };
    expect((await explain({ ...query, groups: GROUP })).because).toContainEqual(reason);
    expect(await explain(query)).toMatchObject({ allowed: false, basedOn: { groups: 'unknown' } });
    expect(kinds(await explain({ ...query, user: admin.oid }))).toEqual(['role', 'owner', 'role']);
  });

  it('names the policy that leaves out the model that answers', async () => {
    const strict = await onboardTenant('Strict', { models: ['another-model'] });
    const [administrator, asker] = await Promise.all([strict.person(['TenantAdmin']), strict.person(['Member'])]);
    const { status } = await asker.call('POST', '/api/v1/chat', { message: 'Hello', knowledgeBaseIds: [] });

    const path = `${EXPLAIN}?user=${asker.oid}&action=chat:use`;
    const explanation = await administrator.must<AccessExplanation>('GET', path);

    expect(status).toBe(403);
    expect(explanation.allowed).toBe(false);
    expect(kinds(explanation)).toContain('policy');
  });

  it('looks groups up where it can', async () => {
    const ada = await platformClient(stack.apiUrl, stack.urls.identity, 'ada');
    const alice = await platformClient(stack.apiUrl, stack.urls.identity, 'alice');
    await alice.must('GET', '/api/v1/me');
    const { id } = await createKnowledgeBase(ada, { access: restricted({ groups: [groups.contosoEngineering] }) });
    const query = `user=${findPerson('alice')?.oid}&action=knowledge-base:read&resource=${id}`;
    const explanation = await ada.must<AccessExplanation>('GET', `${EXPLAIN}?${query}`);
    await ada.must('DELETE', `/api/v1/knowledge-bases/${id}`);
    expect(explanation).toMatchObject({ allowed: true, basedOn: { groups: 'looked-up' } });
  });

  it('tells of suspended people and tenants', async () => {
    const own = await onboardTenant();
    const by = await own.person(['TenantAdmin']);
    const person = await own.person(['Member']);
    await Promise.all([by, person].map((somebody) => somebody.must('GET', '/api/v1/me')));
    await by.must('PATCH', `/api/v1/admin/users/${person.oid}`, { status: 'suspended' });
    await (await platformAdmin()).must('PATCH', `/api/v1/admin/tenants/${own.id}`, { status: 'suspended' });
    const app = await startAnotherApp();
    const platform = await platformAdmin({ apiUrl: app.url });
    const path = `${EXPLAIN}?user=${person.oid}&action=chat:use&tenantId=${own.id}`;
    const explanation = await platform.must<AccessExplanation>('GET', path);
    await app.stop();
    expect(explanation.allowed).toBe(false);
    expect(kinds(explanation)).toEqual(['status', 'status', 'role']);
  });

  it('tells nothing of foreign people, and names what is not there', async () => {
    const stranger = await (await onboardTenant()).person(['Member']);
    await stranger.must('GET', '/api/v1/me');
    expect((await admin.call('GET', `${EXPLAIN}?user=${stranger.oid}&action=chat:use`)).status).toBe(404);
    const resource = 'kb_01JD3Q5V4M8K2N6P9R1S7T0W3X';
    const answer = await explain({ user: member.oid, action: 'knowledge-base:read', resource });
    expect(answer).toMatchObject({ allowed: false });
    expect(kinds(answer)).toEqual(['role', 'missing']);
  });

  it.each([
    'action=chat:use&resource=kb_1',
    'action=document:read&resource=kb_1',
    'action=knowledge-base:read',
    'action=x',
  ])('refuses %s', async (wrong) => {
    expect((await admin.call('GET', `${EXPLAIN}?user=${member.oid}&${wrong}`)).status).toBe(400);
  });
});
