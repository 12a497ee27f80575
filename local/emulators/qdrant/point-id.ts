/** An unsigned integer or a lower-case hyphenated UUID. */
export type PointId = number | string;

const UUID = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/** Reads a point id from JSON; undefined when it is neither an unsigned integer nor a UUID. */
export function readPointId(value: unknown): PointId | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const parts = UUID.exec(value);
  return parts ? parts.slice(1).join('-').toLowerCase() : undefined;
}

/** Reads a point id from a path segment, where integers are text. */
export const readPathPointId = (segment: string): PointId | undefined =>
  readPointId(/^\d+$/.test(segment) ? Number(segment) : segment);

/** Qdrant's order: integers first, then UUIDs. */
export function comparePointIds(left: PointId, right: PointId): number {
  if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
