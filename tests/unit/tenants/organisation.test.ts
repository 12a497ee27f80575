import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tenant } from '../../../shared/contracts/tenants.ts';
import {
  addTenant,
  chainOf,
  isSuspended,
  isWithin,
  MAX_DEPTH,
  MAX_TENANTS,
  moveTenant,
  subtreeOf,
  updateTenant,
} from '../../../shared/tenants/organisation.ts';
import type { Organisation } from '../../../shared/tenants/tenant.ts';
import { idOf, organisation, tenant } from './trees.ts';

const AT = new Date('2026-02-01T00:00:00.000Z');
const names = (tenants: readonly Tenant[]) => tenants.map(({ name }) => name);
type Child = Tenant & { parentId: string };
const child = (name: string, parent: string, fields: Partial<Tenant> = {}) => tenant(name, parent, fields) as Child;

const company = organisation(
  tenant('c', null),
  tenant('sales', 'c'),
  tenant('works', 'c'),
  tenant('forge', 'works'),
  tenant('north', 'sales'),
);

describe('a tree of tenants', () => {
  it('knows the way up and what lies below, in the order of the tree', () => {
    expect(names(chainOf(company, idOf('north')))).toEqual(['north', 'sales', 'c']);
    expect(names(subtreeOf(company, idOf('c')))).toEqual(['c', 'sales', 'north', 'works', 'forge']);
    expect(names(subtreeOf(company, idOf('works')))).toEqual(['works', 'forge']);
    expect(isWithin(company, idOf('north'), idOf('sales'))).toBe(true);
    expect(isWithin(company, idOf('north'), idOf('works'))).toBe(false);
    expect(() => chainOf(company, idOf('nobody'))).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('suspends everything below a suspended tenant', () => {
    const suspended = updateTenant(company, idOf('sales'), { status: 'suspended' }, AT);
    expect(isSuspended(chainOf(suspended, idOf('north')))).toBe(true);
    expect(isSuspended(chainOf(suspended, idOf('forge')))).toBe(false);
  });

  it('moves a tenant with all below it, and refuses a circle or the move of an organisation', () => {
    const moved = moveTenant(company, idOf('works'), idOf('sales'), AT);
    expect(names(chainOf(moved, idOf('forge')))).toEqual(['forge', 'works', 'sales', 'c']);
    const unprocessable = expect.objectContaining({ code: 'unprocessable' });
    expect(() => moveTenant(company, idOf('works'), idOf('forge'), AT)).toThrow(unprocessable);
    expect(() => moveTenant(company, idOf('works'), idOf('works'), AT)).toThrow(unprocessable);
    expect(() => moveTenant(company, idOf('c'), idOf('forge'), AT)).toThrow(unprocessable);
  });

  it('grows to its depth and its size and no further', () => {
    const unprocessable = expect.objectContaining({ code: 'unprocessable' });
    let tall = company;
    for (let depth = 4; depth <= MAX_DEPTH; depth += 1) {
      tall = addTenant(tall, child(`d${depth}`, depth === 4 ? 'forge' : `d${depth - 1}`));
    }
    expect(() => addTenant(tall, child('deep', `d${MAX_DEPTH}`))).toThrow(unprocessable);
    expect(() => moveTenant(tall, idOf('works'), idOf('sales'), AT)).toThrow(unprocessable);
    const [first, ...others] = Array.from({ length: MAX_TENANTS }, (_, index) => tenant(`t${index}`, 't0'));
    const wide = organisation({ ...(first as Tenant), parentId: null }, ...others);
    expect(() => addTenant(wide, child('more', 't0'))).toThrow(unprocessable);
  });

  it('maps the same people to one tenant only', () => {
    const [entraTenantId, groupId] = ['0d6f1d5a-8c3b-4f1e-9a57-1d3f5b7c9e02', '6e000000-1111-4111-8111-0000000000e1'];
    const everybody = { mapping: { entraTenantId, groupId: null } };
    const mapped = addTenant(company, child('all', 'c', everybody));
    expect(() => addTenant(mapped, child('again', 'c', everybody))).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    );
    addTenant(mapped, child('group', 'c', { mapping: { entraTenantId, groupId } }));
  });

  it('gives every change a later time, also within one millisecond and when the clock goes back', () => {
    const times = [AT, AT, new Date(0)].reduce(
      ([organisationNow, seen], at): [Organisation, string[]] => {
        const next = updateTenant(organisationNow, idOf('sales'), { name: 'sales' }, at);
        return [next, [...seen, next.tenants[1]?.updatedAt ?? '']];
      },
      [company, []] as [Organisation, string[]],
    )[1];
    expect(times).toEqual([...new Set(times)].toSorted());
    expect(times).toHaveLength(3);
  });

  it('stays a tree of bounded depth whatever is added and moved', () => {
    const step = fc.record({ kind: fc.constantFrom('add', 'move'), from: fc.nat(30), to: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let tree = organisation(tenant('n0', null));
        for (const [index, { kind, from, to }] of steps.entries()) {
          const pick = (number: number) => tree.tenants[number % tree.tenants.length]?.id ?? '';
          try {
            tree =
              kind === 'add'
                ? addTenant(tree, { ...child(`n${index + 1}`, 'n0'), parentId: pick(to) })
                : moveTenant(tree, pick(from), pick(to), AT);
          } catch (error) {
            expect(error).toMatchObject({ code: 'unprocessable' });
          }
        }
        expect(subtreeOf(tree, idOf('n0'))).toHaveLength(tree.tenants.length);
        for (const { id } of tree.tenants) {
          expect(chainOf(tree, id).at(-1)?.id).toBe(idOf('n0'));
          expect(chainOf(tree, id).length).toBeLessThanOrEqual(MAX_DEPTH);
        }
      }),
    );
  });
});
