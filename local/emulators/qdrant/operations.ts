import { type JsonPath, mergeAt, type Payload, parseJsonPath, removeAt } from './json-path.ts';
import type { FieldSchema } from './payload-index.ts';
import type { PointId } from './point-id.ts';
import type { PointStore } from './point-store.ts';
import type { NamedVectors } from './vector-input.ts';

/** A point as an upsert brings it. */
export interface NewPoint {
  readonly id: PointId;
  readonly vectors: NamedVectors;
  readonly payload: Payload;
}

/** A change that has been checked and whose filters have become ids, so that replaying it always ends the same. */
export type Operation =
  | { readonly kind: 'upsert'; readonly points: readonly NewPoint[] }
  | { readonly kind: 'delete'; readonly ids: readonly PointId[] }
  | {
      readonly kind: 'merge_payload';
      readonly ids: readonly PointId[];
      readonly payload: Payload;
      readonly path: string;
    }
  | { readonly kind: 'replace_payload'; readonly ids: readonly PointId[]; readonly payload: Payload }
  | { readonly kind: 'delete_payload'; readonly ids: readonly PointId[]; readonly paths: readonly string[] }
  | { readonly kind: 'set_vectors'; readonly points: readonly { id: PointId; vectors: NamedVectors }[] }
  | { readonly kind: 'delete_vectors'; readonly ids: readonly PointId[]; readonly names: readonly string[] }
  | { readonly kind: 'create_index'; readonly field: string; readonly schema: FieldSchema }
  | { readonly kind: 'delete_index'; readonly field: string };

/** Brings an operation into effect; `version` is its number in the collection's history. */
export function applyOperation(store: PointStore, operation: Operation, version: number): void {
  switch (operation.kind) {
    case 'upsert':
      for (const { id, vectors, payload } of operation.points) store.put({ id, payload, version }, vectors);
      return;
    case 'delete':
      for (const id of operation.ids) store.remove(id);
      return;
    case 'create_index':
      store.addIndex(operation.field, pathOf(operation.field), operation.schema);
      return;
    case 'delete_index':
      store.removeIndex(pathOf(operation.field));
      return;
    case 'set_vectors':
      for (const { id, vectors } of operation.points) {
        eachSlot(store, [id], (slot) => store.setVectors(slot, vectors, version));
      }
      return;
    case 'delete_vectors':
      eachSlot(store, operation.ids, (slot) => store.removeVectors(slot, operation.names, version));
      return;
    default:
      applyToPayloads(store, operation, version);
  }
}

type PayloadOperation = Extract<Operation, { kind: 'merge_payload' | 'replace_payload' | 'delete_payload' }>;

function applyToPayloads(store: PointStore, operation: PayloadOperation, version: number): void {
  const change = payloadChange(operation);
  eachSlot(store, operation.ids, (slot) => {
    // The indexes compare the old payload with the new one, so the old one must stay as it was.
    store.setPayload(slot, change(structuredClone(store.at(slot).payload)), version);
  });
}

function payloadChange(operation: PayloadOperation): (payload: Payload) => Payload {
  if (operation.kind === 'replace_payload') return () => operation.payload;
  if (operation.kind === 'merge_payload') {
    const path = pathOf(operation.path);
    return (payload) => {
      mergeAt(path, payload, operation.payload);
      return payload;
    };
  }
  const paths = operation.paths.map(pathOf);
  return (payload) => {
    for (const path of paths) removeAt(path, payload);
    return payload;
  };
}

function eachSlot(store: PointStore, ids: readonly PointId[], change: (slot: number) => void): void {
  for (const id of ids) {
    const slot = store.slotOf(id);
    if (slot !== undefined) change(slot);
  }
}

const pathOf = (text: string): JsonPath => parseJsonPath(text) ?? [];
