import type { VectorSchema } from './collection-schema.ts';
import { formatJsonPath, type JsonPath, type Payload } from './json-path.ts';
import { createPayloadIndex, type FieldSchema, type PayloadIndex } from './payload-index.ts';
import { comparePointIds, type PointId } from './point-id.ts';
import type { NamedVectors } from './vector-input.ts';
import { createVectorStores, type VectorStores } from './vector-stores.ts';

/** What a point carries besides its vectors. */
export interface StoredPoint {
  readonly id: PointId;
  readonly payload: Payload;
  /** Number of the operation that last changed the point. */
  readonly version: number;
}

/** A payload index and the field it was declared for. */
export interface StoreIndex {
  readonly field: string;
  readonly path: JsonPath;
  readonly index: PayloadIndex;
}

/** A collection's points in memory. A point keeps its slot, a small integer, until it is removed. */
export interface PointStore {
  readonly indexes: ReadonlyMap<string, StoreIndex>;
  readonly vectors: Pick<VectorStores, 'at' | 'dense' | 'sparse'>;
  size(): number;
  slotOf(id: PointId): number | undefined;
  at(slot: number): StoredPoint;
  slots(): Iterable<number>;
  /** Slots in the order of their ids. */
  slotsById(): readonly number[];
  put(point: StoredPoint, vectors: NamedVectors): void;
  remove(id: PointId): void;
  setPayload(slot: number, payload: Payload, version: number): void;
  setVectors(slot: number, vectors: NamedVectors, version: number): void;
  removeVectors(slot: number, names: readonly string[], version: number): void;
  addIndex(field: string, path: JsonPath, schema: FieldSchema): void;
  removeIndex(path: JsonPath): void;
}

/** Creates an empty store for points with the given vectors. */
export function createPointStore(schema: VectorSchema): PointStore {
  const points: (StoredPoint | undefined)[] = [];
  const slotsOfIds = new Map<PointId, number>();
  const freeSlots: number[] = [];
  const indexes = new Map<string, StoreIndex>();
  const vectorStores = createVectorStores(schema);
  let sorted: number[] | undefined;

  const at = (slot: number): StoredPoint => {
    const point = points[slot];
    if (!point) throw new Error(`slot ${slot} is empty`);
    return point;
  };
  const writePoint = (slot: number, point: StoredPoint | undefined): void => {
    const before = points[slot];
    for (const { index } of indexes.values()) {
      if (before) index.remove(slot, before.payload);
      if (point) index.add(slot, point.payload);
    }
    points[slot] = point;
  };

  return {
    indexes,
    vectors: vectorStores,
    at,
    size: () => slotsOfIds.size,
    slotOf: (id) => slotsOfIds.get(id),
    slots: () => slotsOfIds.values(),
    slotsById() {
      sorted ??= [...slotsOfIds].sort(([left], [right]) => comparePointIds(left, right)).map(([, slot]) => slot);
      return sorted;
    },
    put(point, vectors) {
      const known = slotsOfIds.get(point.id);
      const slot = known ?? freeSlots.pop() ?? points.length;
      if (known === undefined) sorted = undefined;
      slotsOfIds.set(point.id, slot);
      writePoint(slot, point);
      vectorStores.remove(slot);
      vectorStores.write(slot, vectors);
    },
    remove(id) {
      const slot = slotsOfIds.get(id);
      if (slot === undefined) return;
      writePoint(slot, undefined);
      vectorStores.remove(slot);
      slotsOfIds.delete(id);
      freeSlots.push(slot);
      sorted = undefined;
    },
    setPayload: (slot, payload, version) => writePoint(slot, { ...at(slot), payload, version }),
    setVectors(slot, vectors, version) {
      points[slot] = { ...at(slot), version };
      vectorStores.write(slot, vectors);
    },
    removeVectors(slot, names, version) {
      points[slot] = { ...at(slot), version };
      vectorStores.remove(slot, names);
    },
    addIndex(field, path, fieldSchema) {
      const index = createPayloadIndex(path, fieldSchema);
      for (const slot of slotsOfIds.values()) index.add(slot, at(slot).payload);
      indexes.set(formatJsonPath(path), { field, path, index });
    },
    removeIndex(path) {
      indexes.delete(formatJsonPath(path));
    },
  };
}
