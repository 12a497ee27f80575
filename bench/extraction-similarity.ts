// Scripts without spaces between words are compared character by character.
const WORDS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]|[\p{L}\p{N}\p{M}]+/gu;

/** How near a text comes to another reader's text of the same file; both shares are 0 to 1. */
export interface Similarity {
  /** The share of the other's words that are here, each as often as it is there. */
  readonly found: number;
  /** Of the words that both have exactly once, the share that stands in the same order. */
  readonly inOrder: number;
}

export function compareTexts(ours: string, theirs: string): Similarity {
  const own = wordsOf(ours);
  const other = wordsOf(theirs);
  const left = countsOf(own);
  let shared = 0;
  for (const word of other) {
    const count = left.get(word) ?? 0;
    if (count > 0) {
      left.set(word, count - 1);
      shared += 1;
    }
  }
  return { found: other.length === 0 ? 1 : shared / other.length, inOrder: orderOf(own, other) };
}

function wordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORDS) ?? [];
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The longest common subsequence of the unique words, which is the longest rising one of their places. */
function orderOf(own: readonly string[], other: readonly string[]): number {
  const ownCounts = countsOf(own);
  const otherCounts = countsOf(other);
  const placeOf = new Map(own.map((word, place) => [word, place]));
  const places = other
    .filter((word) => ownCounts.get(word) === 1 && otherCounts.get(word) === 1)
    .map((word) => placeOf.get(word) ?? 0);
  if (places.length === 0) return 1;
  const lowestEnds: number[] = [];
  for (const place of places) {
    const at = lowestEnds.findIndex((end) => end >= place);
    if (at === -1) lowestEnds.push(place);
    else lowestEnds[at] = place;
  }
  return lowestEnds.length / places.length;
}
