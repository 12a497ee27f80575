import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../../../shared/knowledge/lexical/words.ts';

describe('the words of a text', () => {
  it.each([
    ['case, ligatures and widths', 'Ｆile ﬁle FILE', ['file', 'file', 'file']],
    ['a composed and a decomposed accent', 'café cafe\u0301', ['café', 'café']],
    ['apostrophes', "the company's l'avion O’Brien", ['the', 'company', 'avion', 'brien']],
    ['hyphens', 'e-mail long-term', ['e', 'mail', 'email', 'long', 'term', 'longterm']],
    ['codes', 'AB-1234 E-4711', ['ab', '1234', 'ab1234', 'e', '4711', 'e4711']],
    ['thousands', '1,000 1.000.000 12’500', ['1000', '1000000', '12500']],
    ['decimals', '3.14 2,5', ['3.14', '2.5']],
    ['versions and dates', '1.2.3', ['1', '2', '3', '1.2.3']],
    ['names in code', 'createServices', ['create', 'services', 'createservices']],
    ['capitals', 'mRNA iPhone NASA', ['mrna', 'iphone', 'nasa']],
    ['paths, by their parts only', 'a/bc/de/fg/hi', ['a', 'bc', 'de', 'fg', 'hi']],
    ['Chinese and Japanese, in pairs', '東京都 カメラ 水', ['東京', '京都', 'カメ', 'メラ', '水']],
    ['Korean, in pairs', '휴가일수', ['휴가', '가일', '일수']],
    ['Thai, by its dictionary', 'ประเทศไทยมีพื้นที่', ['ประเทศไทย', 'มี', 'พื้นที่']],
    ['scripts side by side', '5G手机', ['5g', '手机']],
    ['Hindi, with its vowel signs', 'छुट्टी के दिन', ['छुट्टी', 'के', 'दिन']],
    ['nothing to read', '?! — …', []],
  ])('reads %s', (_, text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are bounded, whatever runs on without a space', () => {
    const words = wordsOf(`${'x'.repeat(10_000)} ${'ก'.repeat(10_000)} ${'字'.repeat(1_000)}`);
    expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(500);
    expect(words[0]).toBe('x'.repeat(48));
  });

  it('are well-formed and in lower case, for any text', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 });
    const anything = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      units.map((codes) => String.fromCharCode(...codes)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        for (const word of wordsOf(text)) {
          expect(word).not.toBe('');
          expect(word.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are the same when they are read again, where no dictionary is asked', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((one) => !/[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(one));
    fc.assert(
      fc.property(text, (one) => {
        const words = new Set(wordsOf(one));
        expect(new Set(wordsOf([...words].join(' ')))).toEqual(words);
      }),
    );
  });
});
