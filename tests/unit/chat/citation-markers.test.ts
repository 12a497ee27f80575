import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkerReader } from '../../../shared/chat/citation-markers.ts';

function numbersIn(pieces: readonly string[]): number[] {
  const read = createMarkerReader();
  return pieces.flatMap(read);
}

/** The text in pieces, cut at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort((one, other) => one - other);
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

describe('markers in a streamed text', () => {
  it('are found in the piece that completes them, each number once', () => {
    const read = createMarkerReader();
    expect(['It is 28', ' [', '1', '2', '] and', ' [12] and [3][4]'].map(read)).toEqual([[], [], [], [], [12], [3, 4]]);
  });

  it('are only whole numbers of at most three digits in square brackets', () => {
    expect(numbersIn(['[] [a] [1a] [1,2] [1234] (1) [-1] [ 1 ] [[7]] [1'])).toEqual([7]);
    expect(numbersIn(['[1', '234]', ' [12', '34]'])).toEqual([]);
  });

  it('are the same wherever the text is cut', () => {
    const text = fc
      .array(fc.constantFrom('[', ']', '1', '23', '[4]', '[105]', 'word ', '[[', ']['))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 20 }), (whole, places) => {
        expect(numbersIn(cut(whole, places))).toEqual(numbersIn([whole]));
      }),
    );
  });

  it('are found in texts of any length without keeping them', () => {
    const read = createMarkerReader();
    for (let piece = 0; piece < 10_000; piece += 1) expect(read('[[[[['.repeat(20))).toEqual([]);
    expect(read('9]')).toEqual([9]);
  });
});
