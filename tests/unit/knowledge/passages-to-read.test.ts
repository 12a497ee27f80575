import { describe, expect, it } from 'vitest';
import type { Passage } from '../../../shared/knowledge/passage.ts';
import { passagesToRead, readableText } from '../../../shared/knowledge/passages-to-read.ts';
import { passage } from '../prompts/passages.ts';

const TEXT = 'One. Two. Three. Four.';

function sentence(words: string, around: string | null = null, documentId = 'doc'): Passage {
  const span = (part: string) => ({ start: TEXT.indexOf(part), end: TEXT.indexOf(part) + part.length });
  const surroundings = around === null ? null : { text: around, ...span(around) };
  return passage({ id: `${documentId} ${words}`, documentId, text: words, ...span(words), surroundings });
}

const characters = (one: Passage) => readableText(one).length;
const read = (passages: readonly Passage[], room: number) => {
  const { chosen, ...rest } = passagesToRead(passages, room, characters);
  return { texts: chosen.map(readableText), ...rest };
};

describe('what a model reads of passages', () => {
  it('is what surrounds them, without those that stand in the surroundings of a better one', () => {
    const found = [sentence('Two.', 'One. Two. Three.'), sentence('Three.', 'Two. Three. Four.'), sentence('Four.')];
    expect(read(found, 100)).toEqual({ texts: ['One. Two. Three.', 'Four.'], roomLeft: 79, areAllRead: true });
  });

  it('is each of another document or version, whatever its place', () => {
    const better = sentence('Two.', 'One. Two. Three.');
    const found = [better, sentence('Three.', null, 'other'), { ...sentence('Three.'), version: 2 }];
    expect(read(found, 100).texts).toEqual(['One. Two. Three.', 'Three.', 'Three.']);
  });

  it('is the passages alone before one is left out, the best with their surroundings first', () => {
    const found = [sentence('Two.', 'One. Two.'), sentence('Three.', 'Three. Four.')];
    expect(read(found, 10)).toEqual({ texts: ['Two.', 'Three.'], roomLeft: 0, areAllRead: true });
    expect(read(found, 15)).toEqual({ texts: ['One. Two.', 'Three.'], roomLeft: 0, areAllRead: true });
    expect(read(found, 9)).toEqual({ texts: ['One. Two.'], roomLeft: 0, areAllRead: false });
  });

  it('is returned as it is read', () => {
    const { chosen } = passagesToRead([sentence('Two.', 'One. Two.')], 4, characters);
    expect(chosen).toEqual([sentence('Two.')]);
  });

  it('begins with the header of a table that goes on, once', () => {
    const rows = { tableHeader: 'Town | Price', text: 'Paris | 90' };
    expect(readableText(rows)).toBe('Town | Price\nParis | 90');
    const surroundings = { text: 'Town | Price\nRome | 80\nParis | 90', start: 0, end: 34 };
    expect(readableText({ ...rows, surroundings })).toBe(surroundings.text);
  });
});
