import { compileFieldCondition, isEmpty, nestedObjects } from './field-condition.ts';
import type { Condition, FieldCondition, Filter } from './filter-schema.ts';
import { elementsOf, formatJsonPath, type Payload, valuesAt } from './json-path.ts';
import type { PointId } from './point-id.ts';
import type { PointStore } from './point-store.ts';

type Predicate = (payload: Payload, slot: number) => boolean;

/** A nested object has no id and no vectors of its own, so those conditions never hold for it. */
const NO_SLOT = -1;

/** Lists the slots of the points that pass a filter; all of them without one. */
export function matchingSlots(filter: Filter | null | undefined, store: PointStore): number[] {
  const candidates = narrowestCandidates(filter, store) ?? store.slots();
  return [...candidates].filter(compilePointFilter(filter, store));
}

/** Compiles a filter into a test of one stored point. */
export function compilePointFilter(filter: Filter | null | undefined, store: PointStore): (slot: number) => boolean {
  if (!filter) return () => true;
  const passes = compileFilter(filter, store);
  return (slot) => passes(store.at(slot).payload, slot);
}

function compileFilter(filter: Filter, store: PointStore): Predicate {
  const compile = (conditions: Condition[] | null | undefined): Predicate[] =>
    (conditions ?? []).map((condition) => compileCondition(condition, store));
  const must = compile(filter.must);
  const mustNot = compile(filter.must_not);
  const should = compile(filter.should);
  const some = compile(filter.min_should?.conditions);
  const minimum = filter.min_should?.min_count ?? 0;
  return (payload, slot) => {
    const holds = (predicate: Predicate): boolean => predicate(payload, slot);
    return (
      must.every(holds) &&
      !mustNot.some(holds) &&
      (should.length === 0 || should.some(holds)) &&
      (minimum === 0 || some.filter(holds).length >= minimum)
    );
  };
}

function compileCondition(condition: Condition, store: PointStore): Predicate {
  if ('key' in condition) return compileFieldCondition(condition, store);
  if ('has_id' in condition) {
    const slots = new Set(slotsOfIds(condition.has_id, store));
    return (_payload, slot) => slots.has(slot);
  }
  if ('has_vector' in condition) {
    const vectors = store.vectors.dense.get(condition.has_vector) ?? store.vectors.sparse.get(condition.has_vector);
    return (_payload, slot) => vectors?.get(slot) !== undefined;
  }
  if ('is_empty' in condition) return (payload) => isEmpty(valuesAt(condition.is_empty.key, payload));
  if ('is_null' in condition) return (payload) => valuesAt(condition.is_null.key, payload).includes(null);
  if ('nested' in condition) {
    const path = elementsOf(condition.nested.key);
    const passes = compileFilter(condition.nested.filter, store);
    return (payload) => nestedObjects(valuesAt(path, payload)).some((object) => passes(object, NO_SLOT));
  }
  return compileFilter(condition, store);
}

const slotsOfIds = (ids: readonly PointId[], store: PointStore): number[] =>
  ids.map((id) => store.slotOf(id)).filter((slot) => slot !== undefined);

/** The smallest set of slots that an id list or an indexed `must` condition allows; undefined when none of them narrows. */
function narrowestCandidates(filter: Filter | null | undefined, store: PointStore): Set<number> | undefined {
  let narrowest: ReadonlySet<number>[] | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const condition of filter?.must ?? []) {
    const sets = candidateSets(condition, store);
    const total = sets?.reduce((sum, set) => sum + set.size, 0) ?? Number.POSITIVE_INFINITY;
    if (total < fewest) {
      fewest = total;
      narrowest = sets;
    }
  }
  return narrowest && new Set(narrowest.flatMap((slots) => [...slots]));
}

function candidateSets(condition: Condition, store: PointStore): ReadonlySet<number>[] | undefined {
  if ('has_id' in condition) return [new Set(slotsOfIds(condition.has_id, store))];
  if ('must' in condition) {
    const inner = narrowestCandidates(condition, store);
    return inner && [inner];
  }
  if (!('key' in condition)) return undefined;
  const values = exactValues(condition);
  const index = store.indexes.get(formatJsonPath(condition.key))?.index;
  if (!values || !index?.findsExactValues) return undefined;
  return values.map((value) => index.slotsWith(value));
}

function exactValues(condition: FieldCondition): readonly unknown[] | undefined {
  const { match, range, values_count: count, is_empty: empty, is_null: isNull } = condition;
  if (!match || range || count || typeof empty === 'boolean' || typeof isNull === 'boolean') return undefined;
  if ('value' in match) return [match.value];
  return 'any' in match ? match.any : undefined;
}
