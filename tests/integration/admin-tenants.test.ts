import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientWithToken, platformClient } from '../../local/platform-client.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import type { EffectivePolicy } from '../../shared/contracts/policy.ts';
import type { CreateTenant, Tenant } from '../../shared/contracts/tenants.ts';
import {
  onboardTenant,
  platformAdmin,
  signToken,
  stack,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';

const TENANTS = '/api/v1/admin/tenants';
const nowhere = 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X';

let company: TestTenant;
let admin: TestPerson;
let platform: TestPerson;

const pathOf = ({ id }: { id: string }) => `${TENANTS}/${id}`;
const create = (by: TestPerson, body: Partial<CreateTenant>) =>
  by.must<Tenant>('POST', TENANTS, { name: 'Team', ...body });
const names = async (by: TestPerson) =>
  (await by.must<{ items: Tenant[] }>('GET', TENANTS)).items.map(({ name }) => name);

beforeAll(async () => {
  company = await onboardTenant('Company', { models: ['gpt-4o', 'gpt-4o-mini'], userLimits: { tokensPerMinute: 500 } });
  admin = await company.person(['TenantAdmin']);
  platform = await platformAdmin();
});

describe('the tree of tenants', () => {
  it('is built, listed, renamed and moved below the tenant of its administrator', async () => {
    const own = await onboardTenant('Root');
    const by = await own.person(['TenantAdmin']);
    const unit = await create(by, { name: 'Unit', parentId: own.id });
    await create(by, { name: 'Other', parentId: own.id });
    const team = await create(by, { name: 'Team', parentId: unit.id });
    expect(await names(by)).toEqual(['Root', 'Unit', 'Team', 'Other']);

    const { status, headers, body } = await by.call<Tenant>('POST', TENANTS, { name: 'Late', parentId: unit.id });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(pathOf(body));
    expect(await by.must('GET', pathOf(body))).toEqual(body);

    const moved = await by.must<Tenant>('POST', `${pathOf(body)}/move`, { parentId: team.id });
    expect(moved).toMatchObject({ id: body.id, parentId: team.id });
    await by.must('PATCH', pathOf(body), { name: 'Early' });
    await by.must('PATCH', pathOf(own), { name: 'Renamed' });
    expect(await names(by)).toEqual(['Renamed', 'Unit', 'Team', 'Early', 'Other']);
  });

  it('holds the demo company with a team', async () => {
    const ada = await platformClient(stack.apiUrl, stack.urls.identity, 'ada');
    const { items } = await ada.must<Page<Tenant>>('GET', TENANTS);
    expect(items.map(({ name }) => name)).toEqual(['Contoso', 'Contoso Labs']);
  });

  it('refuses a circle, a sixth level and the move of an organisation', async () => {
    const chain = [await create(admin, { parentId: company.id })];
    while (chain.length < 4) chain.push(await create(admin, { parentId: chain.at(-1)?.id ?? '' }));
    const [top, , , bottom] = chain as [Tenant, Tenant, Tenant, Tenant];
    const refused = async (path: string, parentId: string, by = admin) =>
      (await by.call('POST', path, { name: 'Team', parentId })).status;
    expect(await refused(TENANTS, bottom.id)).toBe(422);
    const move = async (moved: { id: string }, parentId: string, by: TestPerson) =>
      (await by.call('POST', `${pathOf(moved)}/move`, { parentId })).status;
    expect(await move(top, bottom.id, admin)).toBe(422);
    expect(await move(company, bottom.id, platform)).toBe(422);
  });

  it('shows the effective policy and which tenant decided each value', async () => {
    const unit = await create(admin, {
      parentId: company.id,
      policy: { models: ['gpt-4o-mini', 'o4'], userLimits: { tokensPerMinute: 900, requestsPerMinute: 5 } },
    });
    const found = await admin.must<EffectivePolicy>('GET', `${pathOf(unit)}/effective-policy`);
    expect(found).toEqual({
      policy: { models: ['gpt-4o-mini'], userLimits: { tokensPerMinute: 500, requestsPerMinute: 5 } },
      sources: {
        models: unit.id,
        'userLimits.tokensPerMinute': company.id,
        'userLimits.requestsPerMinute': unit.id,
      },
    });
  });

  it('refuses what it does not know in a policy', async () => {
    const unknown = { name: 'Team', parentId: company.id, policy: { unlimited: true } };
    expect((await admin.call('POST', TENANTS, unknown)).status).toBe(400);
    const negative = { policy: { userLimits: { tokensPerMinute: -1 } } };
    expect((await platform.call('PATCH', pathOf(company), negative)).status).toBe(400);
  });
});

describe('who administers which tenant', () => {
  it('hides every tenant that is not the administrator’s own or below it', async () => {
    const other = await onboardTenant('Other company');
    const secret = await create(await other.person(['TenantAdmin']), { parentId: other.id });
    const before = await platform.must('GET', pathOf(secret));
    const team = await create(admin, { parentId: company.id });
    for (const foreign of [secret.id, other.id, nowhere]) {
      const path = `${TENANTS}/${foreign}`;
      const calls = [
        admin.call('GET', path),
        admin.call('GET', `${path}/effective-policy`),
        admin.call('PATCH', path, { status: 'suspended' }),
        admin.call('POST', `${path}/move`, { parentId: company.id }),
        admin.call('POST', `${pathOf(team)}/move`, { parentId: foreign }),
        admin.call('POST', TENANTS, { name: 'Spy', parentId: foreign }),
      ];
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(calls.map(() => 404));
    }
    expect(await platform.must('GET', pathOf(secret))).toEqual(before);
    expect(await names(admin)).not.toContain('Spy');
  });

  it('lets the administrator of a team touch neither what is above nor the team itself', async () => {
    const groupId = randomUUID();
    const own = await onboardTenant();
    const mapping = { entraTenantId: own.entraTenantId, groupId };
    const team = await create(platform, { parentId: own.id, mapping });
    const lead = await own.person(['TenantAdmin'], { groups: [groupId] });
    expect(await names(lead)).toEqual([team.name]);
    const statusOf = async (method: string, tenant: { id: string }, body?: object) =>
      (await lead.call(method, pathOf(tenant), body)).status;
    expect(await statusOf('GET', own)).toBe(404);
    expect(await statusOf('PATCH', own, { policy: {} })).toBe(404);
    for (const change of [{ policy: {} }, { status: 'active' }])
      expect(await statusOf('PATCH', team, change)).toBe(403);
    const below = await create(lead, { name: 'Below', parentId: team.id });
    expect(await statusOf('PATCH', below, { status: 'suspended' })).toBe(200);
    expect((await lead.call('POST', `${pathOf(below)}/move`, { parentId: own.id })).status).toBe(404);
    const grab = { name: 'Grab', parentId: team.id, mapping: { ...mapping, groupId: randomUUID() } };
    expect((await lead.call('POST', TENANTS, grab)).status).toBe(403);
  });

  it('keeps organisations and their people for who runs the platform', async () => {
    const mapping = { entraTenantId: randomUUID(), groupId: null };
    const organisation = { name: 'New', parentId: null, mapping };
    expect((await admin.call('POST', TENANTS, organisation)).status).toBe(403);
    const drawIn = { name: 'Foreign people', parentId: company.id, mapping };
    expect((await admin.call('POST', TENANTS, drawIn)).status).toBe(403);
    const ownPeople = { entraTenantId: company.entraTenantId, groupId: randomUUID() };
    expect(await create(admin, { parentId: company.id, mapping: ownPeople })).toMatchObject({ mapping: ownPeople });
    const created = await create(platform, organisation);
    expect((await platform.call('POST', TENANTS, organisation)).status).toBe(409);
    expect((await platform.call('POST', TENANTS, drawIn)).status).toBe(409);
    const newcomer = clientWithToken(stack.apiUrl, await signToken({ tid: mapping.entraTenantId, oid: randomUUID() }));
    const me = await newcomer.must<{ tenant: object }>('GET', '/api/v1/me');
    expect(me.tenant).toEqual({ id: created.id, name: 'New' });
    const all = await allTenants(platform);
    expect(all).toEqual(expect.arrayContaining([created.id, company.id]));
    expect(new Set(all).size).toBe(all.length);
  });

  it('lets nobody else in', async () => {
    for (const role of ['Member', 'KnowledgeManager', 'Auditor', 'FinanceViewer'] as const) {
      const person = await company.person([role]);
      expect((await person.call('GET', TENANTS)).status).toBe(403);
      expect((await person.call('PATCH', pathOf(company), { policy: {} })).status).toBe(403);
    }
  });
});

describe('writers that meet', () => {
  it('all land when they change different tenants of one organisation', async () => {
    const own = await onboardTenant();
    const by = await own.person(['TenantAdmin']);
    const teams: Tenant[] = [];
    for (let index = 0; index < 20; index += 1) teams.push(await create(by, { parentId: own.id }));
    const changes = teams.map(({ id }, index) => by.must('PATCH', `${TENANTS}/${id}`, { name: `Changed ${index}` }));
    await Promise.all(changes);
    expect((await names(by)).slice(1)).toEqual(teams.map((_, index) => `Changed ${index}`));
  });

  it('win once when they change one tenant from the same state', async () => {
    const team = await create(admin, { parentId: company.id });
    const etag = (await admin.call('GET', pathOf(team))).headers.get('etag') ?? '';
    const sibling = await create(admin, { parentId: company.id });
    await admin.must('PATCH', pathOf(sibling), { name: 'Another state of the organisation' });
    const race = Array.from({ length: 8 }, (_, index) =>
      admin.call<Tenant>('PATCH', pathOf(team), { name: `Winner ${index}` }, { 'if-match': etag }),
    );
    const answers = await Promise.all(race);
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(7);
    const now = await admin.call<Tenant>('GET', pathOf(team));
    expect(now.body).toEqual(winners[0]?.body);
    expect(now.headers.get('etag')).toBe(winners[0]?.headers.get('etag'));
  });
});

describe('suspension', () => {
  it('shuts out the people of a tenant and of all below it', async () => {
    const statuses = async (suspended: 'team' | 'unit' | 'company', resumed = false) => {
      const groupId = randomUUID();
      const own = await onboardTenant();
      const unit = await create(platform, { parentId: own.id });
      const mapping = { entraTenantId: own.entraTenantId, groupId };
      const team = await create(platform, { parentId: unit.id, mapping });
      const path = pathOf({ team, unit, company: own }[suspended]);
      await platform.must('PATCH', path, { status: 'suspended' });
      if (resumed) await platform.must('PATCH', path, { status: 'active' });
      const people = [await own.person(['Member']), await own.person(['Member'], { groups: [groupId] })];
      return Promise.all(people.map(async (person) => (await person.call('GET', '/api/v1/me')).status));
    };
    expect(await statuses('team')).toEqual([200, 403]);
    expect(await statuses('unit')).toEqual([200, 403]);
    expect(await statuses('company')).toEqual([403, 403]);
    expect(await statuses('unit', true)).toEqual([200, 200]);
  });

  it('gives the reason to people whose organisation let in only some of its groups', async () => {
    const entraTenantId = randomUUID();
    const organisation = await create(platform, { parentId: null });
    const mapping = { entraTenantId, groupId: randomUUID() };
    await create(platform, { parentId: organisation.id, mapping });
    const token = await signToken({ tid: entraTenantId, oid: randomUUID(), groups: [randomUUID()] });
    const { status, body } = await clientWithToken(stack.apiUrl, token).call('GET', '/api/v1/me');
    expect({ status, detail: body.detail }).toEqual({ status: 403, detail: expect.stringContaining('groups') });
  });
});

/** The ids of all tenants that a person sees, page by page. */
async function allTenants(by: TestPerson): Promise<string[]> {
  const ids: string[] = [];
  let continuation: string | null = '';
  while (continuation !== null) {
    const query: string = continuation && `&continuation=${continuation}`;
    const page: Page<Tenant> = await by.must('GET', `${TENANTS}?limit=10${query}`);
    ids.push(...page.items.map(({ id }) => id));
    continuation = page.continuation;
  }
  return ids;
}
