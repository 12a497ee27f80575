const SHINGLE_WORDS = 3;
/** The smallest hashes of its shingles stand for a text: enough to tell four fifths from less. */
const SKETCH_SIZE = 64;
const ALIKE = 0.8;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const WORD = /[\p{L}\p{N}]+/gu;
const HAS_DIGIT = /\p{N}/u;

/** What tells a near copy, made once for each text. */
export interface Sketch {
  /** Ascending. */
  readonly hashes: readonly number[];
  /** Every number of the text, in its order: texts with other numbers say something else. */
  readonly numbers: string;
}

/**
 * The smallest hashes of all runs of three words. Source: Broder, On the resemblance and containment of documents (1997).
 */
export function sketchOf(text: string): Sketch {
  const words = text.toLowerCase().match(WORD) ?? [];
  const ofWords = words.map(hashOf);
  const hashes = new Set<number>();
  for (let end = Math.min(SHINGLE_WORDS, words.length); end > 0 && end <= words.length; end += 1) {
    hashes.add(hashOfRun(ofWords, Math.max(0, end - SHINGLE_WORDS), end));
  }
  const smallest = Uint32Array.from(hashes).sort().subarray(0, SKETCH_SIZE);
  const numbers = HAS_DIGIT.test(text) ? words.filter((word) => HAS_DIGIT.test(word)).join(' ') : '';
  return { hashes: Array.from(smallest), numbers };
}

/** Whether two texts say nearly the same in the same words, by an estimate of how many of their shingles they share. */
export function areNearCopies(one: Sketch, other: Sketch): boolean {
  if (one.numbers !== other.numbers) return false;
  const size = Math.min(SKETCH_SIZE, Math.max(one.hashes.length, other.hashes.length));
  let [left, right, seen, shared] = [0, 0, 0, 0];
  // Of the smallest hashes of both together, how many are in both.
  while (seen < size && (left < one.hashes.length || right < other.hashes.length)) {
    const a = one.hashes[left] ?? Number.POSITIVE_INFINITY;
    const b = other.hashes[right] ?? Number.POSITIVE_INFINITY;
    if (a === b) shared += 1;
    if (a <= b) left += 1;
    if (b <= a) right += 1;
    seen += 1;
  }
  return seen === 0 || shared / seen >= ALIKE;
}

/** FNV-1a over the characters of a word. */
function hashOf(word: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), FNV_PRIME);
  return hash;
}

/** FNV-1a over the hashes of some words in a row, whose high bits come down in between, as it only carries upwards. */
function hashOfRun(hashes: readonly number[], start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let index = start; index < end; index += 1) {
    hash = Math.imul(hash ^ (hashes[index] ?? 0), FNV_PRIME);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
