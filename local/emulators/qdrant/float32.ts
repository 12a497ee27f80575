const SHORTEST_DIGITS = 6;
const ENOUGH_DIGITS = 9;

/** Gives the shortest decimal that reads back as the same 32-bit float, which is how Qdrant prints vectors and scores. */
export function shortestFloat32(value: number): number {
  const float = Math.fround(value);
  for (let digits = SHORTEST_DIGITS; digits < ENOUGH_DIGITS; digits += 1) {
    const candidate = Number(float.toPrecision(digits));
    if (Math.fround(candidate) === float) return candidate;
  }
  return float;
}

/** Packs 32-bit numbers as base64 of their little-endian bytes. */
export const encodeWords = (words: Float32Array | Uint32Array): string =>
  Buffer.from(words.buffer, words.byteOffset, words.byteLength).toString('base64');

/** Reads base64 made by `encodeWords` as floats. */
export const decodeFloats = (text: string): Float32Array => new Float32Array(decodeBytes(text));

/** Reads base64 made by `encodeWords` as unsigned integers. */
export const decodeIntegers = (text: string): Uint32Array => new Uint32Array(decodeBytes(text));

function decodeBytes(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  // A pooled Buffer starts at any offset; a typed array needs an aligned one.
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
