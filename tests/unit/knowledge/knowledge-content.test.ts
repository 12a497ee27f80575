import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ContentChange,
  changedContent,
  LAST_REVISION,
  MAX_WITHHELD,
  mergedChange,
  NO_CONTENT,
} from '../../../shared/knowledge/knowledge-content.ts';

const contentAfter = (...changes: ContentChange[]) => changes.reduce(changedContent, NO_CONTENT);
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`doc_${index}`, 1]));

describe('a document that is withheld', () => {
  it('waits for the highest revision that anybody withheld', () => {
    expect(contentAfter({ withhold: { a: 2 } }, { withhold: { a: 1 } }).withheld).toEqual({ a: 2 });
    expect(contentAfter({ withhold: { a: 2 } }, { release: { a: 1 } }).withheld).toEqual({ a: 2 });
    expect(contentAfter({ withhold: { a: 2, b: 1 } }, { release: { a: 2 } }).withheld).toEqual({ b: 1 });
    expect(contentAfter({ withhold: { a: 2 } }, { release: { a: LAST_REVISION } }).withheld).toEqual({});
  });

  it('is one of a bounded number, of which more can always be released', () => {
    const full = contentAfter({ withhold: many(MAX_WITHHELD) });
    const refused = expect.objectContaining({ code: 'dependency_unavailable', retryAfterSeconds: 30 });
    expect(() => changedContent(full, { withhold: { another: 1 } })).toThrow(refused);
    expect(changedContent(full, { withhold: { doc_0: 2 } }).withheld.doc_0).toBe(2);
    expect(Object.keys(changedContent(full, { release: { doc_0: 1 } }).withheld)).toHaveLength(MAX_WITHHELD - 1);
    expect(changedContent(full, { grants: ['role:Auditor'] }).grants).toEqual(['role:Auditor']);
  });

  it('is withheld no shorter when changes are sent as one, in whichever order they came', () => {
    const revisions = fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 4 }));
    const change = fc.record({ withhold: revisions, release: revisions });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), revisions, (changes, withheld) => {
        const before = { ...NO_CONTENT, withheld };
        const oneByOne = changes.reduce(changedContent, before).withheld;
        const atOnce = changedContent(before, changes.reduce<ContentChange>(mergedChange, {})).withheld;
        for (const [id, revision] of Object.entries(oneByOne)) expect(atOnce[id]).toBeGreaterThanOrEqual(revision);
      }),
    );
  });
});
