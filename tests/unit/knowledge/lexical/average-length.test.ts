import { describe, expect, it } from 'vitest';
import { createAverageLength, termsInAll } from '../../../../shared/knowledge/lexical/average-length.ts';

const place = { tenantId: 'ten_1', knowledgeBaseId: 'kb_1' };

function average(lengths: { chunks: number; terms: number }) {
  let reads = 0;
  let now = 0;
  const repository = {
    lengths: async () => {
      reads += 1;
      return lengths;
    },
  };
  const averageLength = createAverageLength(repository, () => new Date(now));
  return {
    of: () => averageLength(place),
    reads: () => reads,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('the average length of a passage', () => {
  it('is the usual one of an empty knowledge base, and that of a large one its own', async () => {
    expect(await average({ chunks: 0, terms: 0 }).of()).toBe(160);
    expect(await average({ chunks: 100_000, terms: 3_000_000 }).of()).toBeCloseTo(30, 0);
  });

  it('lies between them while there are few', async () => {
    expect(await average({ chunks: 32, terms: 32 * 40 }).of()).toBe(100);
  });

  it('is read once in a minute', async () => {
    const asked = average({ chunks: 1, terms: 10 });
    await Promise.all([asked.of(), asked.of()]);
    asked.pass(59_000);
    await asked.of();
    expect(asked.reads()).toBe(1);
    asked.pass(2_000);
    await asked.of();
    expect(asked.reads()).toBe(2);
  });
});

describe('the terms of a document', () => {
  it('are counted', async () => {
    expect(await termsInAll(['parking permit', 'the permit', ''])).toBe(3);
    expect(await termsInAll([])).toBe(0);
  });

  it('are told from a part of a long one', async () => {
    expect(await termsInAll(Array.from({ length: 1_000 }, () => 'parking permit'))).toBe(2_000);
  });
});
