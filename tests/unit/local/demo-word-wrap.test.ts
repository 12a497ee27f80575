import { expect, it } from 'vitest';
import { createWordWrap } from '../../../local/demo/word-wrap.ts';

function wrapped(pieces: readonly string[], width: number): string {
  let text = '';
  const wrap = createWordWrap(
    (output) => {
      text += output;
    },
    { width, indent: '  ' },
  );
  for (const piece of pieces) wrap.write(piece);
  wrap.end();
  return text;
}

it('breaks lines between words, also when words come in pieces', () => {
  expect(wrapped(['one tw', 'o three', ' fo', 'ur'], 11)).toBe('  one two\n  three\n  four\n');
});

it('leaves a word whole that is wider than a line', () => {
  expect(wrapped(['a Donaudampfschifffahrt b'], 8)).toBe('  a\n  Donaudampfschifffahrt\n  b\n');
});

it('writes nothing for nothing', () => {
  expect(wrapped([' ', '\n'], 10)).toBe('');
});
