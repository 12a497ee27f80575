import type { Collection } from './collection.ts';
import { badRequest } from './errors.ts';
import { matchingSlots } from './filter.ts';
import { formatJsonPath, type JsonPath, type Payload, valuesAt } from './json-path.ts';
import type { FacetRequest } from './request-schemas.ts';

/** Counts the points that pass a filter by the values of a keyword field: the most frequent first, then by value. */
export function facet(
  { store }: Collection,
  { key, filter, limit }: FacetRequest,
): { hits: { value: string; count: number }[] } {
  const field = formatJsonPath(key);
  if (store.indexes.get(field)?.index.schema.type !== 'keyword') {
    throw badRequest(`Index required but not found for "${key.join('.')}" of one of the following types: [keyword]`);
  }
  const counts = new Map<string, number>();
  for (const slot of matchingSlots(filter, store)) {
    for (const value of keywordsAt(key, store.at(slot).payload)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const hits = Array.from(counts, ([value, count]) => ({ value, count }));
  hits.sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1));
  return { hits: hits.slice(0, limit) };
}

function keywordsAt(key: JsonPath, payload: Payload): Set<string> {
  const values = valuesAt(key, payload).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return new Set(values.filter((value) => typeof value === 'string'));
}
