/** How two dense vectors are compared. */
export type Distance = 'Cosine' | 'Dot' | 'Euclid';

/** All dense vectors of one name, in one growing array; a point's slot is its row. */
export interface DenseVectors {
  readonly size: number;
  readonly distance: Distance;
  set(slot: number, vector: Float32Array): void;
  remove(slot: number): void;
  get(slot: number): Float32Array | undefined;
  /** Scores slots against a query of the same size, in their order; NaN where the point has no such vector. */
  score(query: Float32Array, slots: readonly number[]): Float64Array;
}

const INITIAL_ROWS = 64;
const LANES = 4;
const NEARLY_ONE = 1e-6;

/** Creates an empty store for vectors of one size. Cosine vectors must come in normalised. */
export function createDenseVectors(size: number, distance: Distance): DenseVectors {
  let rows = new Float32Array(INITIAL_ROWS * size);
  let present = new Uint8Array(INITIAL_ROWS);

  const reserve = (slot: number): void => {
    if (slot < present.length) return;
    const capacity = Math.max(slot + 1, present.length * 2);
    const largerRows = new Float32Array(capacity * size);
    largerRows.set(rows);
    rows = largerRows;
    const largerPresent = new Uint8Array(capacity);
    largerPresent.set(present);
    present = largerPresent;
  };

  return {
    size,
    distance,
    set(slot, vector) {
      reserve(slot);
      rows.set(vector, slot * size);
      present[slot] = 1;
    },
    remove(slot) {
      if (slot < present.length) present[slot] = 0;
    },
    get: (slot) => (present[slot] ? rows.subarray(slot * size, (slot + 1) * size) : undefined),
    score(query, slots) {
      const scores = distance === 'Euclid' ? distances(query, rows, slots) : dotProducts(query, rows, slots);
      slots.forEach((slot, position) => {
        if (!present[slot]) scores[position] = Number.NaN;
      });
      return scores;
    },
  };
}

/** Scales a vector to length one; a zero or already normal vector stays as it is, as in Qdrant. */
export function normalised(vector: Float32Array): Float32Array {
  const squared = dotProduct(vector, vector, 0);
  if (squared === 0 || Math.abs(squared - 1) < NEARLY_ONE) return vector;
  const length = Math.sqrt(squared);
  return vector.map((value) => value / length);
}

// One loop over plain arrays in a function of its own: that is what the engine compiles to fast code.
function dotProducts(query: Float32Array, rows: Float32Array, slots: readonly number[]): Float64Array {
  const scores = new Float64Array(slots.length);
  const size = query.length;
  for (let position = 0; position < slots.length; position += 1) {
    scores[position] = dotProduct(query, rows, (slots[position] as number) * size);
  }
  return scores;
}

const distances = (query: Float32Array, rows: Float32Array, slots: readonly number[]): Float64Array =>
  Float64Array.from(slots, (slot) => euclideanDistance(query, rows, slot * query.length));

// Four running sums let the processor overlap the additions; one sum would wait for itself at every step.
function dotProduct(query: Float32Array, rows: Float32Array, start: number): number {
  const size = query.length;
  const whole = size - (size % LANES);
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let index = 0; index < whole; index += LANES) {
    const row = start + index;
    first += (query[index] as number) * (rows[row] as number);
    second += (query[index + 1] as number) * (rows[row + 1] as number);
    third += (query[index + 2] as number) * (rows[row + 2] as number);
    fourth += (query[index + 3] as number) * (rows[row + 3] as number);
  }
  let rest = 0;
  for (let index = whole; index < size; index += 1) rest += (query[index] as number) * (rows[start + index] as number);
  return first + second + third + fourth + rest;
}

function euclideanDistance(query: Float32Array, rows: Float32Array, start: number): number {
  let sum = 0;
  for (let index = 0; index < query.length; index += 1) {
    const difference = (query[index] as number) - (rows[start + index] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}
