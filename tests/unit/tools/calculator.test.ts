import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../../shared/identity/principal.ts';
import { calculator } from '../../../shared/tools/built-in/calculator.ts';
import { currentTime } from '../../../shared/tools/built-in/current-time.ts';

const context = { principal: {} as Principal, runId: 'run_1', signal: new AbortController().signal };
const calculate = async (expression: string) => (await calculator.run({ expression }, context)).text;

describe('the calculator', () => {
  it.each([
    ['(1250 - 80) * 1.19', '1392.3'],
    ['0.1 + 0.2', '0.3'],
    ['2 ^ 3 ^ 2', '512'],
    ['-7 % 3', '-1'],
    ['round(10 / 3, 2)', '3.33'],
    ['max(1, 2, sqrt(16)) + pi - pi', '4'],
  ])('calculates %s', async (expression, expected) => {
    expect(await calculate(expression)).toBe(expected);
  });

  it('agrees with arithmetic', async () => {
    const numbers = fc.integer({ min: -1_000, max: 1_000 });
    await fc.assert(
      fc.asyncProperty(numbers, numbers, numbers, async (a, b, c) => {
        expect(Number(await calculate(`(${a}) * ${b} + (${c} - ${a})`))).toBe(a * b + (c - a) + 0);
      }),
    );
  });

  it.each([
    'process.exit(1)',
    'constructor',
    'constructor.constructor("return 1")()',
    'sqrt.constructor(1)',
    '__proto__',
    'toString()',
    '"a" + 1',
    'this',
    '[1][0]',
    '1 ? 2 : 3',
    '1, 2',
    '1 == 1',
    '(',
    '1 / 0',
    '9 ^ 9 ^ 9 ^ 9',
  ])('refuses %s', async (expression) => {
    await expect(calculate(expression)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('reads any text without harm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 500 }), async (text) => {
        const result = await calculate(text).catch((error: { code: string }) => error.code);
        expect(result === 'validation_failed' || Number.isFinite(Number(result))).toBe(true);
      }),
    );
  });
});

describe('the time', () => {
  const clock = currentTime(() => new Date('2026-07-14T22:30:00Z'));

  it('is told in the zone that is asked for', async () => {
    expect((await clock.run({ timeZone: 'Europe/Berlin' }, context)).text).toContain('Wednesday, 15 July 2026');
    expect((await clock.run({}, context)).text).toContain('Tuesday, 14 July 2026');
    await expect(clock.run({ timeZone: 'Europe/Atlantis' }, context)).rejects.toThrow('no such time zone');
  });
});
