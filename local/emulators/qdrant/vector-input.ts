import { UNNAMED_VECTOR, type VectorSchema } from './collection-schema.ts';
import { normalised } from './dense-vectors.ts';
import { badRequest, formatError, validationError, wrongInput } from './errors.ts';
import { isJsonObject } from './json-path.ts';
import type { SparseVector } from './sparse-vectors.ts';

/** A vector as it is stored: dense ones already normalised where the distance asks for it. */
export type StoredVector = Float32Array | SparseVector;

/** A point's vectors by name. */
export type NamedVectors = Readonly<Record<string, StoredVector>>;

const LARGEST_DIMENSION = 0xffffffff;

/** Reads the `vector` field of a point and checks it against the collection. */
export function readNamedVectors(input: unknown, schema: VectorSchema): NamedVectors {
  if (Array.isArray(input)) return { [UNNAMED_VECTOR]: readVector(UNNAMED_VECTOR, input, schema) };
  if (!isJsonObject(input)) throw formatError('data did not match any variant of untagged enum VectorStruct');
  return Object.fromEntries(Object.entries(input).map(([name, vector]) => [name, readVector(name, vector, schema)]));
}

/** Reads one vector, stored or asked for, under the name it goes by. */
export function readVector(name: string, input: unknown, schema: VectorSchema): StoredVector {
  const dense = schema.dense.get(name);
  if (!dense && !schema.sparse.has(name)) throw wrongInput(`Not existing vector name error: ${name}`);
  if (Array.isArray(input)) {
    const numbers = readNumbers(input);
    if (numbers.length === 0) throw validationError('vector', 'Validation error: dense vector must not be empty [{}]');
    if (!dense) throw wrongInput('Conversion between sparse and regular vectors failed');
    if (numbers.length !== dense.size) {
      throw wrongInput(`Vector dimension error: expected dim: ${dense.size}, got ${numbers.length}`);
    }
    const vector = Float32Array.from(numbers);
    return dense.distance === 'Cosine' ? normalised(vector) : vector;
  }
  const sparse = readSparseVector(input);
  if (dense) throw wrongInput('Conversion between sparse and regular vectors failed');
  return sparse;
}

function readNumbers(input: readonly unknown[]): readonly number[] {
  if (input.some(Array.isArray)) throw badRequest('Multivectors are not imitated by this local server');
  if (!input.every((value): value is number => typeof value === 'number')) {
    throw formatError('data did not match any variant of untagged enum Vector');
  }
  return input;
}

function readSparseVector(input: unknown): SparseVector {
  if (!isJsonObject(input) || !Array.isArray(input.indices) || !Array.isArray(input.values)) {
    throw formatError('data did not match any variant of untagged enum Vector');
  }
  const indices = readNumbers(input.indices);
  const values = readNumbers(input.values);
  if (!indices.every((index) => Number.isInteger(index) && index >= 0 && index <= LARGEST_DIMENSION)) {
    throw formatError('sparse vector indices must be unsigned 32-bit integers');
  }
  if (indices.length !== values.length) {
    throw validationError('vector.values', 'Validation error: must be the same length as indices [{}]');
  }
  if (new Set(indices).size !== indices.length) {
    throw validationError('vector.indices', 'Validation error: must be unique [{}]');
  }
  return inDimensionOrder(Uint32Array.from(indices), Float32Array.from(values));
}

function inDimensionOrder(indices: Uint32Array, values: Float32Array): SparseVector {
  const order = Array.from(indices.keys()).sort((left, right) => (indices[left] ?? 0) - (indices[right] ?? 0));
  return {
    indices: Uint32Array.from(order, (position) => indices[position] ?? 0),
    values: Float32Array.from(order, (position) => values[position] ?? 0),
  };
}
