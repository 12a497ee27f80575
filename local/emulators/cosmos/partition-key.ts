/** The values of a document's partition key paths, outermost first; `{}` stands for a missing value, as on the wire. */
export type PartitionKey = readonly unknown[];

const LEGACY_PATH = '/_partitionKey';

/** Reads a document's partition key by the collection's paths. */
export function partitionKeyOf(document: Record<string, unknown>, paths: readonly string[]): PartitionKey {
  return paths.map((path) => {
    if (path === LEGACY_PATH) return {};
    const value = path
      .slice(1)
      .split('/')
      .reduce<unknown>((node, name) => (isRecord(node) ? node[name] : undefined), document);
    return value === undefined ? {} : value;
  });
}

/** Reads the partition key header; without one, or with one that is not a JSON array, the answer is undefined. */
export function parsePartitionKeyHeader(header: string | string[] | undefined): PartitionKey | undefined {
  if (typeof header !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(header);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** A partition's name: equal for equal keys only. */
export function partitionName(key: PartitionKey): string {
  return JSON.stringify(key);
}

/** Tells whether a partition lies under a hierarchical key's leading values. */
export function isWithin(name: string, prefix: PartitionKey): boolean {
  if (prefix.length === 0) return true;
  const leading = partitionName(prefix);
  return name === leading || name.startsWith(`${leading.slice(0, -1)},`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
