import { describe, expect, it } from 'vitest';
import { windowsOf } from '../../../../local/emulators/model-server/embedding-windows.ts';
import { hashingEmbedding } from '../../../../local/emulators/model-server/hashing-embedder.ts';
import { createPromptCache } from '../../../../local/emulators/model-server/prompt-cache.ts';

const dot = (one: Float32Array, other: Float32Array) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

describe('windows for the embedding model', () => {
  const count = (word: string) => Math.ceil(word.length / 4);

  it('cover every word, overlap, and stay below what the model reads', () => {
    const words = Array.from({ length: 500 }, (_, index) => `word${index}`);
    const windows = windowsOf(words.join(' '), count);
    const seen = windows.flatMap((window) => window.split(' '));
    expect(new Set(seen)).toEqual(new Set(words));
    expect(seen.length).toBeGreaterThan(words.length);
    for (const window of windows) {
      expect(window.split(' ').reduce((sum, word) => sum + count(word), 0)).toBeLessThanOrEqual(120);
    }
  });

  it('cut a word that is longer than a window', () => {
    expect(windowsOf('x'.repeat(2000), count).length).toBeGreaterThan(1);
    expect(windowsOf(' ', count)).toEqual([]);
  });
});

describe('the hashing embedder', () => {
  it('gives vectors of length 1, alike for texts with the same words', () => {
    const vector = hashingEmbedding('The invoices are paid within 45 days');
    expect(vector).toHaveLength(512);
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
    expect(dot(vector, hashingEmbedding('45 days until an invoice is paid'))).toBeGreaterThan(0.6);
    expect(dot(vector, hashingEmbedding('Dogs are welcome on the first floor'))).toBeLessThan(0.3);
  });

  it.each(['?!', 'the', '…'])('gives a direction to %j as well', (text) => {
    const vector = hashingEmbedding(text);
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
  });
});

describe('the prompt cache', () => {
  it('counts long common prefixes in steps of 128 tokens', () => {
    const cache = createPromptCache();
    const prompt = Array.from({ length: 1300 }, (_, index) => index);
    expect(cache.cachedTokens(prompt)).toBe(0);
    expect(cache.cachedTokens([...prompt.slice(0, 1200), -1])).toBe(1152);
    expect(cache.cachedTokens(prompt.slice(0, 1000))).toBe(0);
  });
});
