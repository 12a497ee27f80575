import type { TenantId } from '../../contracts/identifiers.ts';
import { AppError } from '../../errors.ts';
import type { Organisation } from '../../tenants/tenant.ts';
import { whileOvertaken } from '../../while-overtaken.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

interface Entry {
  readonly id: TenantId;
  readonly name: string;
}

interface IndexItem {
  readonly id: typeof INDEX;
  readonly organisations: readonly Entry[];
}

const INDEX = 'organisations';
const MAX_ORGANISATIONS = 1_000;
/** Every organisation of the platform is in one item. */
const CONTENTION = {
  attempts: 20,
  jitter: 20,
  message: 'Many organisations are being changed at once. Try again.',
};

export function nameOf({ id, tenants }: Organisation): string {
  return tenants.find((tenant) => tenant.id === id)?.name ?? '';
}

/** One item that names every organisation, because no query may span partitions. */
export function createOrganisationIndex(cosmos: Cosmos) {
  const items = createItemStore<IndexItem>(cosmos, 'tenants');

  /** How the index has to be written to hold an entry; null: it does already. */
  async function withEntry(entry: Entry) {
    const current = await items.read([INDEX], INDEX);
    const organisations = current?.value.organisations ?? [];
    const known = organisations.find(({ id }) => id === entry.id);
    if (known?.name === entry.name) return null;
    if (!known && organisations.length >= MAX_ORGANISATIONS) {
      throw new AppError('unprocessable', `The platform can have at most ${MAX_ORGANISATIONS} organisations.`);
    }
    const others = organisations.filter(({ id }) => id !== entry.id);
    return { etag: current?.etag, item: { id: INDEX, organisations: [...others, entry] } as const };
  }

  return {
    async list(): Promise<readonly Entry[]> {
      return (await items.read([INDEX], INDEX))?.value.organisations ?? [];
    },

    /** Makes sure that an organisation is listed under the name of its topmost tenant. */
    async note(organisation: Organisation): Promise<void> {
      const entry = { id: organisation.id, name: nameOf(organisation) };
      await whileOvertaken(
        {
          creates: true,
          read: () => withEntry(entry),
          async write(next) {
            if (!next) return;
            await (next.etag === undefined ? items.create(next.item) : items.replace([INDEX], next.item, next.etag));
          },
        },
        CONTENTION,
      );
    },
  };
}
