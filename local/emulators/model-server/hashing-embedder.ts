import { EMBEDDING_DIMENSIONS } from './deployments.ts';
import { isStopTerm, termsOf } from './words.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Embeds a text by feature hashing: each word adds or takes one in one of 512 places. Knows no meaning, costs no time. */
export function hashingEmbedding(text: string): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(EMBEDDING_DIMENSIONS);
  const terms = termsOf(text);
  const meaningful = terms.filter((term) => !isStopTerm(term));
  const features = meaningful.length > 0 ? meaningful : [...terms, text];
  for (const feature of features) {
    const hash = fnv1a(feature);
    const place = hash % EMBEDDING_DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + (hash >>> 31 ? -1 : 1);
  }
  return normalise(vector) ?? hashingEmbedding(`${text} ${features.length}`);
}

/** Scales a vector to length 1; nothing when it has no direction. */
export function normalise(vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> | undefined {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return undefined;
  const length = Math.sqrt(squares);
  return vector.map((value) => value / length);
}

function fnv1a(text: string): number {
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash >>> 0;
}
