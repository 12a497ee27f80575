import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../shared/contracts/access.ts';
import type { Me } from '../../shared/contracts/me.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import type { User } from '../../shared/contracts/users.ts';
import { onboardTenant, platformAdmin, startAnotherApp, type TestPerson, type TestTenant } from './support/platform.ts';

const USERS = '/api/v1/admin/users';

let company: TestTenant;
let admin: TestPerson;
let platform: TestPerson;

/** A person whom the platform knows because of a first sign-in. */
async function known(roles: readonly Role[], tenant = company): Promise<TestPerson> {
  const person = await tenant.person(roles);
  await person.call('GET', '/api/v1/me');
  return person;
}

const pathOf = ({ oid }: TestPerson, tenant?: TestTenant) => `${USERS}/${oid}${tenant ? `?tenantId=${tenant.id}` : ''}`;

async function statusOf(by: TestPerson, path: string, change: object): Promise<number> {
  return (await by.call('PATCH', path, change)).status;
}

beforeAll(async () => {
  company = await onboardTenant();
  admin = await known(['TenantAdmin']);
  platform = await platformAdmin();
  await platform.must('GET', '/api/v1/me');
});

describe('people', () => {
  it('are listed page by page with what the token and the administrators gave them', async () => {
    const own = await onboardTenant();
    const by = await known(['TenantAdmin'], own);
    const others = await Promise.all([known(['Member'], own), known(['Auditor', 'Member'], own)]);
    const found: User[] = [];
    let continuation: string | null = '';
    while (continuation !== null) {
      const query: string = continuation && `&continuation=${continuation}`;
      const page: Page<User> = await by.must('GET', `${USERS}?limit=2${query}`);
      found.push(...page.items);
      continuation = page.continuation;
    }
    expect(found.map(({ userId }) => userId).sort()).toEqual([by, ...others].map(({ oid }) => oid).sort());
    expect(found.find(({ userId }) => userId === others[1].oid)).toEqual({
      userId: others[1].oid,
      tenantId: own.id,
      displayName: 'Test Person',
      entraRoles: ['Auditor', 'Member'],
      assignedRoles: [],
      status: 'active',
      legalHold: false,
      lastSeenAt: expect.any(String),
    });
  });

  it('get roles besides those of their token, and lose everything when suspended', async () => {
    const [promoted, suspended] = await Promise.all([known(['Member']), known(['Member'])]);
    await admin.must('PATCH', pathOf(promoted), { assignedRoles: ['KnowledgeManager', 'Auditor'] });
    await admin.must('PATCH', pathOf(suspended), { status: 'suspended' });
    const app = await startAnotherApp();
    const [one, other] = await Promise.all(
      [promoted, suspended].map(({ oid }) => company.person(['Member'], { oid, apiUrl: app.url })),
    );
    const me = await one?.must<Me>('GET', '/api/v1/me');
    const refused = await other?.call('GET', '/api/v1/me');
    await app.stop();
    expect(me?.roles).toEqual(['Member', 'KnowledgeManager', 'Auditor']);
    expect(me?.permissions).toEqual(expect.arrayContaining(['knowledge:write', 'audit:read']));
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining('suspended') } });
    expect(await admin.must('GET', pathOf(promoted))).toMatchObject({ assignedRoles: ['KnowledgeManager', 'Auditor'] });
  });

  it('keep a legal hold and a status through the changes of others', async () => {
    const person = await known(['Member']);
    const changes = [{ legalHold: true }, { status: 'suspended' }, { assignedRoles: ['Auditor'] }];
    await Promise.all(changes.map((change) => admin.must('PATCH', pathOf(person), change)));
    const expected = { legalHold: true, status: 'suspended', assignedRoles: ['Auditor'] };
    expect(await admin.must('GET', pathOf(person))).toMatchObject(expected);
  });

  it('are changed once by writers that start from the same state', async () => {
    const person = await known(['Member']);
    const etag = (await admin.call('GET', pathOf(person))).headers.get('etag') ?? '';
    const roles: Role[][] = [['Auditor'], ['FinanceViewer'], ['Member'], ['KnowledgeManager']];
    const race = roles.map((assignedRoles) =>
      admin.call('PATCH', pathOf(person), { assignedRoles }, { 'if-match': etag }),
    );
    const statuses = (await Promise.all(race)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412, 412, 412]);
  });
});

describe('who administers whom', () => {
  it('never lets administrators change themselves', async () => {
    for (const change of [{ assignedRoles: ['PlatformAdmin'] }, { status: 'active' }, { legalHold: false }]) {
      expect(await statusOf(admin, pathOf(admin), change)).toBe(403);
    }
    expect(await statusOf(platform, pathOf(platform), { legalHold: false })).toBe(403);
  });

  it('lets administrators give only what they have, and to nobody who may do more', async () => {
    const [member, peer, above] = await Promise.all([known(['Member']), known(['TenantAdmin']), known(['Member'])]);
    await platform.must('PATCH', pathOf(above, company), { assignedRoles: ['PlatformAdmin'] });
    expect(await statusOf(admin, pathOf(member), { assignedRoles: ['TenantAdmin'] })).toBe(200);
    expect(await statusOf(admin, pathOf(member), { assignedRoles: ['PlatformAdmin'] })).toBe(403);
    expect(await statusOf(admin, pathOf(peer), { status: 'suspended' })).toBe(200);
    expect(await statusOf(admin, pathOf(above), { status: 'suspended' })).toBe(403);
    expect(await statusOf(platform, pathOf(member, company), { assignedRoles: ['PlatformAdmin'] })).toBe(200);
    expect(await statusOf(admin, pathOf(member), { assignedRoles: [] })).toBe(403);
    expect(await statusOf(admin, pathOf(member), { assignedRoles: ['Emperor'] })).toBe(400);
  });

  it('hides the people of other tenants and of nobody', async () => {
    const other = await onboardTenant();
    const stranger = await known(['Member'], other);
    const paths = [pathOf(stranger), pathOf(stranger, other), `${USERS}/${randomUUID()}`];
    for (const path of paths) {
      expect((await admin.call('GET', path)).status).toBe(404);
      expect(await statusOf(admin, path, { status: 'suspended' })).toBe(404);
    }
    expect((await admin.call('GET', `${USERS}?tenantId=${other.id}`)).status).toBe(404);
    const untouched = await platform.must('GET', pathOf(stranger, other));
    expect(untouched).toMatchObject({ status: 'active' });
  });

  it('reaches the people of the tenants below', async () => {
    const groupId = randomUUID();
    const own = await onboardTenant();
    const mapping = { entraTenantId: own.entraTenantId, groupId };
    const team = await platform.must<{ id: string }>('POST', '/api/v1/admin/tenants', {
      name: 'Team',
      parentId: own.id,
      mapping,
    });
    const by = await known(['TenantAdmin'], own);
    const member = await own.person(['Member'], { groups: [groupId] });
    await member.must('GET', '/api/v1/me');
    const inTeam = `?tenantId=${team.id}`;
    const { items } = await by.must<Page<User>>('GET', `${USERS}${inTeam}`);
    expect(items.map(({ userId }) => userId)).toEqual([member.oid]);
    expect(await statusOf(by, `${USERS}/${member.oid}${inTeam}`, { assignedRoles: ['Auditor'] })).toBe(200);
    expect((await by.call('GET', `${USERS}/${member.oid}`)).status).toBe(404);
  });

  it('lets nobody else in', async () => {
    for (const role of ['Member', 'KnowledgeManager', 'Auditor', 'FinanceViewer'] as const) {
      const person = await known([role]);
      expect((await person.call('GET', USERS)).status).toBe(403);
      expect(await statusOf(person, pathOf(person), { assignedRoles: ['TenantAdmin'] })).toBe(403);
    }
  });
});
