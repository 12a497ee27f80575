import { describe, expect, it } from 'vitest';
import { ChunkBatch, indexedText, type PreparedChunk, titleOf } from '../../../shared/ingestion/prepared-chunk.ts';

function chunk(facts: Partial<PreparedChunk>): PreparedChunk {
  const place = { index: 0, page: null, start: 0, end: 1 };
  return { ...place, text: 'Text.', headingPath: [], tableHeader: null, surroundings: null, flags: [], ...facts };
}

describe('what is indexed of a chunk', () => {
  it('begins with the titles that it stands under, each once, and the header of its table', () => {
    const row = chunk({ text: 'Paris | 90', headingPath: ['Travel', 'Hotels', 'Travel'], tableHeader: 'Town | Price' });
    expect(indexedText('Travel', row)).toBe('Travel\nHotels\nTown | Price\nParis | 90');
  });

  it('repeats no heading with which the chunk begins, but one that is only the start of its first line', () => {
    expect(indexedText('Leave', chunk({ text: 'Leave\n\n28 days.', headingPath: ['Leave'] }))).toBe(
      'Leave\n\n28 days.',
    );
    expect(indexedText('Leave', chunk({ text: 'Leave of absence is unpaid.' }))).toBe(
      'Leave\nLeave of absence is unpaid.',
    );
  });
});

describe('the title of a document', () => {
  it.each([
    ['Its own', 'file.md', 'Its own'],
    [null, 'hr/2026/Travel_Policy.v2.pdf', 'Travel_Policy.v2'],
    [null, 'README', 'README'],
    [null, '.profile', '.profile'],
    [null, 'Version 2. Draft of the rules', 'Version 2. Draft of the rules'],
  ])('%s or %s: %s', (title, fileName, expected) => {
    expect(titleOf(title, fileName)).toBe(expected);
  });
});

describe('a batch of chunks', () => {
  it('of an earlier release is read as one without surroundings and table headers', () => {
    const { tableHeader, surroundings, ...old } = chunk({});
    expect(ChunkBatch.parse({ title: null, chunks: [old] }).chunks).toEqual([chunk({})]);
  });
});
