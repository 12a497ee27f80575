import { beforeEach, describe, expect, it } from 'vitest';
import { policyOf } from '../../../shared/identity/directory.ts';
import { updateTenant } from '../../../shared/tenants/organisation.ts';
import type { Organisation, TenantRepository } from '../../../shared/tenants/tenant.ts';
import { createTenantDirectory } from '../../../shared/tenants/tenant-directory.ts';
import { idOf, organisation, tenant } from './trees.ts';

const CONTOSO = '0d6f1d5a-8c3b-4f1e-9a57-1d3f5b7c9e02';
const GUESTS = '0d6f1d5a-8c3b-4f1e-9a57-1d3f5b7c9e03';
const group = (digit: number) => `6e000000-1111-4111-8111-00000000000${digit}`;
const mapTo = (groupId: string | null, entraTenantId = CONTOSO) => ({ mapping: { entraTenantId, groupId } });

let stored: Organisation;
let clock: number;
let reads: number;

const repository = {
  async organisationOf(key) {
    if ('tenantId' in key) return stored.tenants.some(({ id }) => id === key.tenantId) ? stored.id : null;
    return [CONTOSO, GUESTS].includes(key.entraTenantId) ? stored.id : null;
  },
  async find() {
    reads += 1;
    return { value: stored, etag: '' };
  },
} as Pick<TenantRepository, 'organisationOf' | 'find'> as TenantRepository;

const open = () => createTenantDirectory(repository, () => new Date(clock));

beforeEach(() => {
  clock = 0;
  reads = 0;
  stored = organisation(
    tenant('c', null, { ...mapTo(null), policy: { userLimits: { tokensPerMinute: 50 } } }),
    tenant('works', 'c', { ...mapTo(group(1)), policy: { userLimits: { tokensPerMinute: 90 } } }),
    tenant('sales', 'c', mapTo(group(2))),
    tenant('forge', 'works', { ...mapTo(group(3)), policy: { userLimits: { tokensPerMinute: 20 } } }),
    tenant('guests', 'c', mapTo(group(4), GUESTS)),
  );
});

describe('the tenant directory', () => {
  it('finds people by their deepest group, then by the oldest tenant, then as everybody', async () => {
    const directory = open();
    const tenantOf = async (groups: string[]) => (await directory.resolve(CONTOSO.toUpperCase(), groups)).name;
    expect(await tenantOf([])).toBe('c');
    expect(await tenantOf([group(9)])).toBe('c');
    expect(await tenantOf([group(2)])).toBe('sales');
    expect(await tenantOf([group(1), group(3), group(2)])).toBe('forge');
    expect(await tenantOf([group(2), group(1)])).toBe('sales');
    expect(await tenantOf([group(1), group(2)])).toBe('sales');
  });

  it('says why it lets somebody in nowhere', async () => {
    const directory = open();
    const forbidden = (reason: string) => ({ code: 'forbidden', message: expect.stringContaining(reason) });
    await expect(directory.resolve(group(9), [])).rejects.toMatchObject(forbidden('not onboarded'));
    await expect(directory.resolve(GUESTS, [group(1)])).rejects.toMatchObject(forbidden('none of the groups'));
    expect((await directory.resolve(GUESTS, [group(4)])).name).toBe('guests');
    expect(await directory.byId(idOf('nobody'))).toBeNull();
  });

  it('gives every tenant on the way up with what it may do', async () => {
    const found = await open().byId(idOf('forge'));
    expect(found).toMatchObject({ name: 'forge', status: 'active', organisationId: idOf('c') });
    expect(found?.tenantChain).toEqual([
      { id: idOf('forge'), policy: { userLimits: { tokensPerMinute: 20 } } },
      { id: idOf('works'), policy: { userLimits: { tokensPerMinute: 50 } } },
      { id: idOf('c'), policy: { userLimits: { tokensPerMinute: 50 } } },
    ]);
  });

  it('reads an organisation once in 30 seconds, and knows of a suspension above within them', async () => {
    const directory = open();
    await directory.byId(idOf('sales'));
    await directory.resolve(CONTOSO, [group(3)]);
    stored = updateTenant(stored, idOf('works'), { status: 'suspended' }, new Date(0));
    clock = 29_999;
    expect((await directory.resolve(CONTOSO, [group(3)])).status).toBe('active');
    expect(reads).toBe(1);
    clock = 30_000;
    expect((await directory.resolve(CONTOSO, [group(3)])).status).toBe('suspended');
    expect((await directory.byId(idOf('sales')))?.status).toBe('active');
    expect(reads).toBe(2);
  });
});

it('tells the policy of a tenant, and none of one that is not there', async () => {
  expect(await policyOf(open(), idOf('works'))).toEqual({ userLimits: { tokensPerMinute: 50 } });
  expect(await policyOf(open(), idOf('nobody'))).toEqual({});
});
