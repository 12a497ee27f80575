import type { Collection } from './collection.ts';
import { compilePointFilter } from './filter.ts';
import { comparePointIds, type PointId } from './point-id.ts';
import { recordOf } from './point-output.ts';
import type { ScrollRequest } from './request-schemas.ts';

/** One page of points in the order of their ids, and the id that the next page starts with. */
export function scroll(
  collection: Collection,
  request: ScrollRequest,
): { points: Record<string, unknown>[]; next_page_offset: PointId | null } {
  const { store } = collection;
  const { offset, filter, limit } = request;
  const passes = compilePointFilter(filter, store);
  const page: number[] = [];
  for (const slot of store.slotsById()) {
    const isBefore = offset != null && comparePointIds(store.at(slot).id, offset) < 0;
    if (isBefore || !passes(slot)) continue;
    page.push(slot);
    if (page.length > limit) break;
  }
  const next = page.length > limit ? page.pop() : undefined;
  return {
    points: page.map((slot) => recordOf(collection, slot, request)),
    next_page_offset: next === undefined ? null : store.at(next).id,
  };
}
