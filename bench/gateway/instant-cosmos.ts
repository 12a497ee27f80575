/**
 * Stands in for `shared/adapters/cosmos/client.ts` in a bundle that is measured without the store's own client: items in
 * memory, every call answered at once. Conditions of patches are not judged, and queries find nothing.
 */
import { readFileSync } from 'node:fs';
import type { PatchOperation } from '@azure/cosmos';
import type { Cosmos } from '../../shared/adapters/cosmos/client.ts';

type StoredItem = Record<string, unknown> & { readonly id: string };

/** What is there at the beginning, by container: a JSON file. */
export type Snapshot = Readonly<Record<string, readonly StoredItem[]>>;

/** Beyond these, items are not kept: those of a container that only grows, such as the audit log, would cost garbage collections. */
const MAX_ITEMS = 100;
const ETAG = '"1"';
const notFound = () => Object.assign(new Error('not found'), { code: 404 });

function change(item: StoredItem, { op, path, ...rest }: PatchOperation): void {
  const names = path.slice(1).split('/');
  const last = names.pop() ?? '';
  const parent = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, item);
  if (op === 'remove') delete parent[last];
  else if (op === 'incr') parent[last] = Number(parent[last] ?? 0) + Number('value' in rest && rest.value);
  else parent[last] = 'value' in rest ? rest.value : undefined;
}

function createContainer(initial: readonly StoredItem[]) {
  // A counter's item is called `state` in the partition of its scope; other ids are unique in their container.
  const keyOf = (id: string, scope: unknown) => (id === 'state' ? `state ${scope}` : id);
  const items = new Map(initial.map((item) => [keyOf(item.id, item.scope), item]));
  const keep = (item: StoredItem) => {
    if (items.size < MAX_ITEMS) items.set(keyOf(item.id, item.scope), item);
    return { resource: { ...item, _etag: ETAG } };
  };
  return {
    item(id: string, partition: unknown) {
      const key = keyOf(id, partition);
      return {
        async read() {
          const found = items.get(key);
          return found ? { resource: { ...found, _etag: ETAG }, statusCode: 200 } : { statusCode: 404 };
        },
        async replace(item: StoredItem) {
          return keep(item);
        },
        async patch(patch: PatchOperation[] | { readonly operations: PatchOperation[] }) {
          const found = items.get(key);
          if (!found) throw notFound();
          for (const operation of Array.isArray(patch) ? patch : patch.operations) change(found, operation);
          return { resource: { ...found, _etag: ETAG } };
        },
        async delete() {
          items.delete(key);
        },
      };
    },
    items: {
      create: async (item: StoredItem) => keep(item),
      query: () => ({
        fetchNext: async () => ({ resources: [] }),
        fetchAll: async () => ({ resources: [] }),
        hasMoreResults: () => false,
      }),
    },
  };
}

export function createCosmos(): Cosmos {
  const snapshot = JSON.parse(readFileSync(process.env.BENCH_SNAPSHOT ?? '', 'utf8')) as Snapshot;
  const containers = new Map<string, ReturnType<typeof createContainer>>();
  const container = async (name: string) => {
    const known = containers.get(name) ?? createContainer(snapshot[name] ?? []);
    containers.set(name, known);
    return known;
  };
  return { container, database: async () => ({ container }), close: () => undefined } as unknown as Cosmos;
}
