import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../shared/contracts/policy.ts';
import { effectivePolicyOf, narrowPolicy } from '../../../shared/tenants/effective-policy.ts';
import { anyPolicy, idOf } from './trees.ts';

const anyChain = fc
  .array(anyPolicy, { minLength: 1, maxLength: 5 })
  .map((policies) => policies.map((policy, index) => ({ id: idOf(String(index)), policy })));

/** The values of a policy by path, written independently of the product. */
function flat(policy: object, path: string[] = []): Record<string, unknown> {
  const leaves = Object.entries(policy).flatMap(([key, value]) => {
    const here = [...path, key];
    const isBranch = typeof value === 'object' && !Array.isArray(value);
    return isBranch ? Object.entries(flat(value, here)) : [[here.join('.'), value]];
  });
  return Object.fromEntries(leaves);
}

const MAY = /^(traceMessageText|semanticCache\.enabled)$/;
const SIMILARITY = 'semanticCache.similarity';
const PERMISSIONS = ['allow', 'ask', 'deny'];
const ACTIONS = ['index', 'flag', 'hold'];

/** From the mildest to the strictest, where a path has such values. */
function strictness(path: string): string[] | undefined {
  if (path.startsWith('toolPermissions.')) return PERMISSIONS;
  return path.startsWith('screening.') ? ACTIONS : undefined;
}

function isNoWider(path: string, value: unknown, limit: unknown): boolean {
  if (MAY.test(path)) return limit === true || value === false;
  if (path === SIMILARITY) return Number(value) >= Number(limit);
  if (path === 'instructions') return String(value).includes(String(limit));
  const choices = strictness(path);
  if (choices) return choices.indexOf(String(value)) >= choices.indexOf(String(limit));
  if (Array.isArray(limit)) return Array.isArray(value) && value.every((name) => limit.includes(name));
  if (typeof limit === 'number') return typeof value === 'number' && value <= limit;
  if (limit === true || limit === 'refuse') return value === limit;
  return true;
}

/** What the values of a path come to; undefined where the property does not say. */
function together(path: string, values: readonly unknown[]): unknown {
  const [first] = values;
  const choices = strictness(path);
  if (choices) return choices.findLast((choice) => values.includes(choice));
  if (typeof first === 'number') return (path === SIMILARITY ? Math.max : Math.min)(...(values as number[]));
  if (typeof first === 'boolean') return MAY.test(path) ? !values.includes(false) : values.includes(true);
  if (!Array.isArray(first)) return undefined;
  const lists = (values as string[][]).toReversed();
  return lists.reduce((one, other) => one.filter((name) => other.includes(name)));
}

/** The paths at which `policy` allows more than `limit`. */
function wider(policy: Policy, limit: Policy): string[] {
  const values = flat(policy);
  const limits = Object.entries(flat(limit)).filter(([path]) => path !== 'defaultModel');
  return limits.filter(([path, value]) => !isNoWider(path, values[path], value)).map(([path]) => path);
}

describe('the effective policy', () => {
  it('never allows more than what any tenant above says or has', () => {
    fc.assert(
      fc.property(anyChain, (chain) => {
        const { policy } = effectivePolicyOf(chain);
        for (const [index, above] of chain.entries()) {
          expect(wider(policy, above.policy)).toEqual([]);
          expect(wider(policy, effectivePolicyOf(chain.slice(index)).policy)).toEqual([]);
        }
      }),
    );
  });

  it('allows no more and no less than what all say together', () => {
    fc.assert(
      fc.property(anyChain, (chain) => {
        const said = chain.map(({ policy }) => flat(policy));
        for (const [path, value] of Object.entries(flat(effectivePolicyOf(chain).policy))) {
          const values = said.map((policy) => policy[path]).filter((one) => one !== undefined);
          expect(value).toEqual(together(path, values) ?? value);
        }
      }),
    );
  });

  it('has a default model only where it may be used', () => {
    fc.assert(
      fc.property(anyChain, (chain) => {
        const { models, defaultModel } = effectivePolicyOf(chain).policy;
        if (models && defaultModel) expect(models).toContain(defaultModel);
      }),
    );
  });

  it('is that of the parent when a tenant says nothing', () => {
    fc.assert(
      fc.property(anyChain, (chain) => {
        const parent = effectivePolicyOf(chain);
        expect(narrowPolicy(parent, { id: idOf('child'), policy: {} })).toEqual(parent);
      }),
    );
  });

  it('stays the same when a tenant narrows it twice', () => {
    fc.assert(
      fc.property(anyChain, anyPolicy, (chain, policy) => {
        const once = narrowPolicy(effectivePolicyOf(chain), { id: idOf('child'), policy });
        expect(narrowPolicy(once, { id: idOf('child'), policy })).toEqual(once);
      }),
    );
  });

  it('names for every value, and for nothing else, a tenant of the chain that says it', () => {
    fc.assert(
      fc.property(anyChain, (chain) => {
        const { policy, sources } = effectivePolicyOf(chain);
        expect(Object.keys(sources).toSorted()).toEqual(Object.keys(flat(policy)).toSorted());
        for (const [path, source] of Object.entries(sources)) {
          const decider = chain.find(({ id }) => id === source);
          expect(Object.keys(flat(decider?.policy ?? {}))).toContain(path);
        }
      }),
    );
  });

  it('keeps a budget hard below a hard one, and shows who decided', () => {
    const [team, company] = [idOf('team'), idOf('company')];
    const { policy, sources } = effectivePolicyOf([
      { id: team, policy: { tenantBudgets: { day: { microUsd: 5, hard: false } }, models: ['a', 'b'] } },
      { id: company, policy: { tenantBudgets: { day: { microUsd: 9, tokens: 7, hard: true } }, models: ['b', 'a'] } },
    ]);
    expect(policy).toEqual({ tenantBudgets: { day: { microUsd: 5, tokens: 7, hard: true } }, models: ['b', 'a'] });
    expect(sources).toEqual({
      models: company,
      'tenantBudgets.day.microUsd': team,
      'tenantBudgets.day.tokens': company,
      'tenantBudgets.day.hard': company,
    });
  });

  it('falls back to the inherited default model, and to none when that is not allowed either', () => {
    const above = { id: idOf('above'), policy: { models: ['a', 'b'], defaultModel: 'a' } };
    const below = (policy: Policy) => effectivePolicyOf([{ id: idOf('below'), policy }, above]).policy.defaultModel;
    expect(below({ defaultModel: 'b' })).toBe('b');
    expect(below({ defaultModel: 'c' })).toBe('a');
    expect(below({ models: ['b'] })).toBeUndefined();
    expect(below({ models: ['b'], defaultModel: 'auto' })).toBe('auto');
  });
});
