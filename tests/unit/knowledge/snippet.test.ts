import fc from 'fast-check';
import { expect, it } from 'vitest';
import { snippetsFor } from '../../../shared/knowledge/snippet.ts';

const filler = 'Nothing of interest stands here. '.repeat(20);

it('shows the part of a long passage that the question is about', () => {
  const snippetOf = snippetsFor('What does error E47 mean?');
  const snippet = snippetOf(`${filler}Error E47 means that the boiler relay is stuck. ${filler}`);

  expect(snippet).toContain('Error E47 means');
  expect(snippet.startsWith('…') && snippet.endsWith('…')).toBe(true);
});

it('shows the beginning when no word of the question stands in the passage', () => {
  expect(snippetsFor('sourdough')(filler).startsWith('Nothing of interest')).toBe(true);
});

it('only ever shows what stands in the passage, at most 240 characters of it', () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 200 }), fc.lorem({ maxCount: 5 }), (text, question) => {
      const shown = snippetsFor(question)(text).replaceAll('…', '');
      expect(text).toContain(shown);
      expect(shown.length).toBeLessThanOrEqual(240);
    }),
  );
});
