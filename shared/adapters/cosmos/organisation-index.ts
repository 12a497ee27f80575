import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantId } from '../../contracts/identifiers.ts';
import { AppError, isAppError } from '../../errors.ts';
import type { Organisation } from '../../tenants/tenant.ts';
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
const MAX_ATTEMPTS = 20;
const JITTER_MILLISECONDS = 20;

export function nameOf({ id, tenants }: Organisation): string {
  return tenants.find((tenant) => tenant.id === id)?.name ?? '';
}

/** One item that names every organisation, because no query may span partitions. */
export function createOrganisationIndex(cosmos: Cosmos) {
  const items = createItemStore<IndexItem>(cosmos, 'tenants');

  async function tryToNote(entry: Entry): Promise<void> {
    const current = await items.read([INDEX], INDEX);
    const organisations = current?.value.organisations ?? [];
    const known = organisations.find(({ id }) => id === entry.id);
    if (known?.name === entry.name) return;
    if (!known && organisations.length >= MAX_ORGANISATIONS) {
      throw new AppError('unprocessable', `The platform can have at most ${MAX_ORGANISATIONS} organisations.`);
    }
    const others = organisations.filter(({ id }) => id !== entry.id);
    const next = { id: INDEX, organisations: [...others, entry] } as const;
    await (current ? items.replace([INDEX], next, current.etag) : items.create(next));
  }

  return {
    async list(): Promise<readonly Entry[]> {
      return (await items.read([INDEX], INDEX))?.value.organisations ?? [];
    },

    /** Makes sure that an organisation is listed under the name of its topmost tenant. */
    async note(organisation: Organisation): Promise<void> {
      const entry = { id: organisation.id, name: nameOf(organisation) };
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        try {
          return await tryToNote(entry);
        } catch (error) {
          if (!isAppError(error, 'precondition_failed') && !isAppError(error, 'conflict')) throw error;
          await sleep(Math.random() * JITTER_MILLISECONDS * attempt);
        }
      }
      throw new AppError('conflict', 'Many organisations are being changed at once. Try again.');
    },
  };
}
