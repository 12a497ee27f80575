import { describe, expect, it } from 'vitest';
import { fromPayload, toPayload } from '../../../shared/adapters/qdrant/payload.ts';
import type { ChunkPoint, IndexedPassage } from '../../../shared/knowledge/vector-store.ts';

const PASSAGE: IndexedPassage = {
  ...{ knowledgeBaseId: 'kb', documentId: 'doc', documentName: 'a.md', version: 1, index: 0, page: null },
  ...{ text: 'Paris | 90', headingPath: ['Hotels'], start: 14, end: 24, grants: ['tenant'] },
  flags: ['personal-data'],
  tableHeader: 'Town | Price',
  surroundings: { text: 'Town | Price\nParis | 90', start: 0, end: 24 },
};

const POINT: ChunkPoint = {
  id: 'point',
  dense: [1],
  sparse: { indices: [], values: [] },
  passage: PASSAGE,
  revision: 3,
};

describe('a passage in Qdrant', () => {
  it('comes back as it was', () => {
    expect(fromPayload(toPayload('ten', POINT))).toEqual(PASSAGE);
  });

  it('of an earlier release has neither surroundings nor the header of a table', () => {
    const { table_header, surroundings, ...old } = toPayload('ten', POINT);
    expect(fromPayload(old as ReturnType<typeof toPayload>)).toEqual({
      ...PASSAGE,
      tableHeader: null,
      surroundings: null,
    });
  });
});
