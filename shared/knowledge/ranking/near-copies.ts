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
  const numbers = HAS_DIGIT.test(text) ? words.filter((word) => HAS_DIGIT.test(word)).join(' ') : '';
  return { hashes: smallestOf(hashesOfRuns(words)), numbers };
}

/** Of a text with fewer words than a run has: of the one run that they are. */
function hashesOfRuns(words: readonly string[]): Uint32Array {
  const ofWords = words.map(hashOf);
  const runs = new Uint32Array(words.length === 0 ? 0 : Math.max(1, words.length - SHINGLE_WORDS + 1));
  for (let start = 0; start < runs.length; start += 1) {
    runs[start] = hashOfRun(ofWords, start, Math.min(start + SHINGLE_WORDS, words.length));
  }
  return runs;
}

function smallestOf(hashes: Uint32Array): number[] {
  const smallest: number[] = [];
  for (const hash of hashes.sort()) {
    if (smallest.length === SKETCH_SIZE) break;
    if (hash !== smallest.at(-1)) smallest.push(hash);
  }
  return smallest;
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
