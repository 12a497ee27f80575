import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADVERSARIAL_UNITS, adversarialText } from '../../../bench/adversarial-texts.ts';
import { INJECTION_SAMPLES } from '../../../bench/injection-samples.ts';
import { screenText } from '../../../shared/screening/screen-text.ts';
import { gitHubToken, peopleList, secretText } from '../../integration/support/suspicious-texts.ts';

const suspicious = fc.constantFrom(
  ...INJECTION_SAMPLES.map(({ text }) => text),
  secretText('x', gitHubToken()),
  peopleList('x'),
  'password: Winter-2031',
  'Date of birth: 12.03.1981',
  '+49 30 1234567',
);
const anyText = fc
  .array(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), suspicious), { maxLength: 12 })
  .map((parts) => parts.join(''));

describe('whatever a text is', () => {
  it('is looked through without an error, and no excerpt shows what was found whole', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        for (const { start, end, excerpt } of await screenText(text)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(excerpt).not.toContain(text.slice(start, end));
          expect(excerpt.length).toBeLessThanOrEqual((end - start) / 2 + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('with lone surrogates does not stop it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint16Array({ maxLength: 200 }), async (units) => {
        await screenText(String.fromCharCode(...units));
      }),
    );
  });

  // A look at every pair of places would take hours.
  it.each(Object.entries(ADVERSARIAL_UNITS))('ends: a million characters of %s', async (_, unit) => {
    const found = await screenText(adversarialText(unit, 1_000_000));
    expect(found.length).toBeLessThan(20_000);
  });
});
