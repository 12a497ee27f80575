import { decodeFloats, decodeIntegers, encodeWords } from './float32.ts';
import type { Operation } from './operations.ts';
import type { NamedVectors } from './vector-input.ts';

type EncodedVector = string | { readonly indices: string; readonly values: string };
type EncodedVectors = Readonly<Record<string, EncodedVector>>;

/** Writes an operation as one line of JSON; vectors become base64, which loads ten times faster than numbers. */
export const encodeOperation = (operation: Operation): string =>
  JSON.stringify('points' in operation ? withVectors(operation, encodeVectors) : operation);

/** Reads a line written by `encodeOperation`. */
export function decodeOperation(line: string): Operation {
  const record = JSON.parse(line) as Operation;
  return 'points' in record ? (withVectors(record, decodeVectors) as Operation) : record;
}

function withVectors(record: { readonly points: readonly object[] }, convert: (vectors: never) => unknown): object {
  const points = record.points.map((point) => ({ ...point, vectors: convert((point as { vectors: never }).vectors) }));
  return { ...record, points };
}

function encodeVectors(vectors: NamedVectors): EncodedVectors {
  const encoded = Object.entries(vectors).map(([name, vector]) => [
    name,
    vector instanceof Float32Array
      ? encodeWords(vector)
      : { indices: encodeWords(vector.indices), values: encodeWords(vector.values) },
  ]);
  return Object.fromEntries(encoded);
}

function decodeVectors(vectors: EncodedVectors): NamedVectors {
  const decoded = Object.entries(vectors).map(([name, vector]) => [
    name,
    typeof vector === 'string'
      ? decodeFloats(vector)
      : { indices: decodeIntegers(vector.indices), values: decodeFloats(vector.values) },
  ]);
  return Object.fromEntries(decoded);
}
