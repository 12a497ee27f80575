import { type JsonPath, type Payload, valuesAt } from './json-path.ts';

/** A field's index as it was declared, e.g. `keyword` or `{ type: 'keyword', is_tenant: true }`. */
export interface FieldSchema {
  readonly type: FieldType;
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
}

/** Every payload index type of Qdrant. */
export const FIELD_TYPES = ['keyword', 'integer', 'float', 'geo', 'text', 'bool', 'datetime', 'uuid'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** Finds the points whose field holds a value, without reading payloads. */
export interface PayloadIndex {
  readonly schema: FieldSchema;
  add(slot: number, payload: Payload): void;
  remove(slot: number, payload: Payload): void;
  /** Slots whose field is or contains the value. */
  slotsWith(value: unknown): ReadonlySet<number>;
  /** True when `slotsWith` knows every point that equals a value of this kind. */
  readonly findsExactValues: boolean;
}

const EXACT_TYPES: readonly FieldType[] = ['keyword', 'integer', 'bool'];
const NO_SLOTS: ReadonlySet<number> = new Set();

/** Creates an empty index over one payload field. Other types than keyword, integer and bool only keep their schema. */
export function createPayloadIndex(path: JsonPath, schema: FieldSchema): PayloadIndex {
  const slotsByValue = new Map<unknown, Set<number>>();
  const findsExactValues = EXACT_TYPES.includes(schema.type);
  const valuesOf = (payload: Payload): unknown[] => (findsExactValues ? valuesAt(path, payload).flat(1) : []);
  return {
    schema,
    findsExactValues,
    add(slot, payload) {
      for (const value of valuesOf(payload)) {
        const slots = slotsByValue.get(value) ?? new Set();
        slotsByValue.set(value, slots.add(slot));
      }
    },
    remove(slot, payload) {
      for (const value of valuesOf(payload)) {
        const slots = slotsByValue.get(value);
        slots?.delete(slot);
        if (slots?.size === 0) slotsByValue.delete(value);
      }
    },
    slotsWith: (value) => slotsByValue.get(value) ?? NO_SLOTS,
  };
}
