import { validationError } from './errors.ts';
import type { FieldCondition, Match, Range } from './filter-schema.ts';
import { formatJsonPath, isJsonObject, type Payload, valuesAt } from './json-path.ts';
import { createTextMatcher } from './match-text.ts';
import type { FieldSchema } from './payload-index.ts';
import type { PointStore } from './point-store.ts';

type Test = (value: unknown) => boolean;

/** Compiles a condition on one payload field. Source: qdrant `payload_storage/condition_checker.rs`. */
export function compileFieldCondition(condition: FieldCondition, store: PointStore): (payload: Payload) => boolean {
  const { key, values_count: count, is_empty: empty, is_null: isNull } = condition;
  if (count) {
    const inRange = compileRange(count);
    return (payload) => {
      const values = valuesAt(key, payload);
      return values.length === 0 ? inRange(0) : values.some((value) => inRange(countOf(value)));
    };
  }
  if (typeof empty === 'boolean') return (payload) => isEmpty(valuesAt(key, payload)) === empty;
  if (typeof isNull === 'boolean') return (payload) => valuesAt(key, payload).includes(null) === isNull;

  const schema = store.indexes.get(formatJsonPath(key))?.index.schema;
  const tests: Test[] = [];
  if (condition.match) tests.push(compileMatch(condition.match, schema));
  if (condition.range) tests.push(compileRange(condition.range));
  if (tests.length === 0) {
    throw validationError('filter', 'Validation error: At least one field condition must be specified [{}]');
  }
  const [only] = tests;
  const test: Test = only && tests.length === 1 ? only : (value) => tests.some((one) => one(value));
  const testEach: Test = (value) => (Array.isArray(value) ? value.some(test) : test(value));
  const [field] = key;
  // Most fields are at the top, and this runs for every point of a query.
  if (key.length === 1 && typeof field === 'string') {
    return (payload) => Object.hasOwn(payload, field) && testEach(payload[field]);
  }
  return (payload) => valuesAt(key, payload).some(testEach);
}

/** True when a path reaches nothing, null or an empty array. */
export const isEmpty = (values: readonly unknown[]): boolean =>
  values.every((value) => value === null || (Array.isArray(value) && value.length === 0));

function countOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value === null ? 0 : 1;
}

function compileMatch(match: Match, schema: FieldSchema | undefined): Test {
  if ('value' in match) return (value) => value === match.value;
  if ('any' in match) {
    const wanted = new Set<unknown>(match.any);
    return (value) => wanted.has(value);
  }
  if ('except' in match) {
    const unwanted = new Set<unknown>(match.except);
    return (value) => value !== null && !unwanted.has(value);
  }
  const matches = createTextMatcher(match.text, schema);
  return (value) => typeof value === 'string' && matches(value);
}

function compileRange(range: Range): Test {
  const bounds = Object.values(range).filter((bound) => bound !== null && bound !== undefined);
  const isTime = bounds.some((bound) => typeof bound === 'string');
  const read = (value: unknown): number => (isTime ? Date.parse(String(value)) : Number(value));
  const [gt, gte, lt, lte] = [range.gt, range.gte, range.lt, range.lte].map((bound) =>
    bound == null ? null : read(bound),
  );
  return (value) => {
    if (typeof value !== (isTime ? 'string' : 'number')) return false;
    const number = read(value);
    return (
      !Number.isNaN(number) &&
      (gt == null || number > gt) &&
      (gte == null || number >= gte) &&
      (lt == null || number < lt) &&
      (lte == null || number <= lte)
    );
  };
}

/** The objects that a nested condition looks at: each element of the array at its key. */
export const nestedObjects = (values: readonly unknown[]): Payload[] => values.filter(isJsonObject);
