import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../shared/models/tokenizer.ts';

const asText = { disallowedSpecial: new Set<string>() };

describe('counting tokens', () => {
  it.each([
    'The quick brown fox, e.g. in 2024, costs $1,234.56.\n\n\tNext  line: don’t stop.\r\n  Indented ',
    'Über die Straße — 日本語の文章です。 Привет, мир! 🎉👩‍👩‍👧 naïve',
    'const a = [1, 2];\n\n  // comment\n  return a?.b ?? `x`;\n',
    '',
  ])('agrees with the vocabulary on %j', async (text) => {
    expect((await loadTokenizer()).count(text)).toBe(countTokens(text, asText));
  });

  it('agrees with the vocabulary on any mixture of words and white space', async () => {
    const tokenizer = await loadTokenizer();
    const part = fc.constantFrom(
      'Hello',
      'world',
      ' ',
      '  ',
      '\n',
      '\t',
      '.',
      '!)',
      '42',
      'naïve',
      '漢字',
      'It’s',
      "we're",
      '—',
      'A',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        expect(tokenizer.count(text)).toBe(countTokens(text, asText));
      }),
      { numRuns: 300 },
    );
  });

  it('takes control tokens for text', async () => {
    expect((await loadTokenizer()).count('<|endoftext|>')).toBeGreaterThan(1);
  });

  it('counts a megabyte without a space in bounded time', async () => {
    const tokenizer = await loadTokenizer();
    const started = performance.now();
    for (const run of ['a', 'é', '漢', ' ', '😀', 'xQ7']) tokenizer.count(run.repeat(1_000_000 / run.length));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
