import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../shared/contracts/policy.ts';
import type { ScreeningAction } from '../../../shared/contracts/screening.ts';
import { screeningActionOf } from '../../../shared/screening/screening-policy.ts';
import { effectivePolicyOf } from '../../../shared/tenants/effective-policy.ts';

const injection = { kind: 'prompt-injection', severity: 'high' } as const;
const wanting = (high: ScreeningAction): Policy => ({ screening: { promptInjection: { high } } });
const tenant = (name: string, policy: Policy) => ({ id: `ten_${name}`, policy });

describe('what is done with a finding', () => {
  it('is what an administrator expects who says nothing', () => {
    const actions = (['prompt-injection', 'secret', 'personal-data'] as const).map((kind) => [
      screeningActionOf({}, { kind, severity: 'low' }),
      screeningActionOf({}, { kind, severity: 'high' }),
    ]);
    expect(actions).toEqual([
      ['flag', 'hold'],
      ['flag', 'hold'],
      ['index', 'flag'],
    ]);
  });

  it('is what the policy says, for the kind and severity that it names', () => {
    const policy: Policy = { screening: { secrets: { low: 'hold' } } };
    expect(screeningActionOf(policy, { kind: 'secret', severity: 'low' })).toBe('hold');
    expect(screeningActionOf(policy, { kind: 'secret', severity: 'high' })).toBe('hold');
    expect(screeningActionOf(wanting('index'), injection)).toBe('index');
  });

  it.each([
    ['hold', 'index', 'hold'],
    ['index', 'hold', 'hold'],
    ['flag', 'index', 'flag'],
    ['flag', 'hold', 'hold'],
  ] as const)('is the stricter of a tenant above (%s) and below (%s): %s', (above, below, expected) => {
    const { policy } = effectivePolicyOf([tenant('b', wanting(below)), tenant('a', wanting(above))]);
    expect(screeningActionOf(policy, injection)).toBe(expected);
  });
});
