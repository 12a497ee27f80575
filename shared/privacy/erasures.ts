import type { ErasureId, TenantId } from '../contracts/identifiers.ts';
import type { Erasure, ErasureMessage } from '../contracts/privacy.ts';
import { AppError } from '../errors.ts';
import type { IdPrefix } from '../identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import { administeredOrganisation } from '../tenants/administered.ts';
import type { TenantRepository } from '../tenants/tenant.ts';
import type { UserRepository } from '../tenants/user-repository.ts';
import { requireNotAbove } from '../tenants/users.ts';
import type { Versioned } from '../versioned.ts';
import type { Eraser, Subject } from './eraser.ts';
import type { ErasureQueue, ErasureRepository } from './erasure-repository.ts';
import { addRemoved, type ErasedStore, erasedStores, isNothing, keptStores, type Removed } from './stores.ts';

/** How long one message is worked on before the rest goes to the next: well within the time of a function. */
const MAX_WORK_MILLISECONDS = 60_000;

/** Erases what people left in a tenant, for its administrators. */
export interface Erasures {
  /**
   * Asks for it; `get` tells how far it is. @throws AppError `not_found` for a tenant that the principal does not
   * administer, `forbidden` for somebody who may do more, `conflict` for somebody on legal hold.
   */
  request(principal: Principal, subject: Subject): Promise<Erasure>;
  get(principal: Principal, tenantId: TenantId, id: ErasureId): Promise<Erasure>;
  /** Removes until a whole round finds nothing; what takes too long goes on with another message. */
  work(message: ErasureMessage): Promise<void>;
  giveUp(message: ErasureMessage): Promise<void>;
}

export interface ErasuresOptions {
  readonly repository: ErasureRepository;
  readonly queue: ErasureQueue;
  readonly tenants: TenantRepository;
  readonly users: Pick<UserRepository, 'find'>;
  /** In this order; the account last, because its legal hold must be there until everything else is gone. */
  readonly erasers: readonly Eraser[];
  readonly newId: (prefix: IdPrefix) => string;
  readonly now: () => Date;
  readonly log: Logger;
}

const HELD = 'The person is on legal hold; nothing of theirs may be erased.';
const GIVEN_UP = 'A service that is needed did not answer five times. Ask for the erasure again.';

export function createErasures(options: ErasuresOptions): Erasures {
  const { repository, queue, tenants, users, erasers, now, log } = options;

  async function isHeld({ tenantId, userId }: Subject): Promise<boolean> {
    return (await users.find(tenantId, userId))?.value.legalHold ?? false;
  }

  async function end({ value, etag }: Versioned<Erasure>, stoppedBecause: string | null): Promise<void> {
    const status = stoppedBecause === null ? 'done' : 'stopped';
    const ended = { ...value, status, completedAt: now().toISOString(), reason: stoppedBecause } as const;
    await repository.replace(ended, etag);
    const { id: erasureId, tenantId, userId, erased } = ended;
    log.info('erasure ended', { erasureId, tenantId, userId, status, erased, reason: stoppedBecause });
  }

  /** Null when it has ended already. */
  async function findOpen({ tenantId, erasureId }: ErasureMessage): Promise<Versioned<Erasure> | null> {
    const found = await repository.find(tenantId, erasureId);
    return found && found.value.completedAt === null ? found : null;
  }

  return {
    async request(principal, { tenantId, userId }) {
      await administeredOrganisation(tenants, principal, tenantId);
      const user = (await users.find(tenantId, userId))?.value;
      if (user) requireNotAbove(principal, user);
      if (user?.legalHold) throw new AppError('conflict', `${HELD} Lift it first.`);
      const erasure = newErasure(options, principal, { tenantId, userId });
      await repository.create(erasure);
      await queue.send({ tenantId, erasureId: erasure.id });
      return erasure;
    },

    async get(principal, tenantId, id) {
      await administeredOrganisation(tenants, principal, tenantId);
      const found = await repository.find(tenantId, id);
      if (!found) throw new AppError('not_found', 'There is no such erasure.');
      return found.value;
    },

    async work(message) {
      let current = await findOpen(message);
      if (!current) return;
      const subject = { tenantId: current.value.tenantId, userId: current.value.userId };
      const until = now().getTime() + MAX_WORK_MILLISECONDS;
      let isClean = false;
      // What an answer that was still running left behind is found by the next round.
      while (!isClean) {
        if (await isHeld(subject)) return end(current, HELD);
        isClean = true;
        for await (const removed of removals(erasers, subject)) {
          isClean = false;
          current = await repository.replace(withRemoved(current.value, removed), current.etag);
          if (now().getTime() > until) return queue.send(message);
        }
      }
      await end(current, null);
    },

    async giveUp(message) {
      const found = await findOpen(message);
      if (found) await end(found, GIVEN_UP);
    },
  };
}

/** Empties one domain after the other, part by part. */
async function* removals(erasers: readonly Eraser[], subject: Subject): AsyncGenerator<Removed> {
  for (const erase of erasers) {
    for (let removed = await erase(subject); !isNothing(removed); removed = await erase(subject)) yield removed;
  }
}

function newErasure({ newId, now }: ErasuresOptions, principal: Principal, subject: Subject): Erasure {
  return {
    ...subject,
    id: newId('era'),
    requestedBy: principal.userId,
    requestedAt: now().toISOString(),
    status: 'waiting',
    completedAt: null,
    reason: null,
    erased: toList({}),
    kept: Object.entries(keptStores).map(([store, why]) => ({ store, why })),
  };
}

function withRemoved(erasure: Erasure, removed: Removed): Erasure {
  const before = Object.fromEntries(erasure.erased.map(({ store, count }) => [store, count]));
  return { ...erasure, status: 'running', erased: toList(addRemoved(before, removed)) };
}

function toList(removed: Removed): Erasure['erased'] {
  return Object.entries(erasedStores).map(([store, what]) => ({
    store,
    what,
    count: removed[store as ErasedStore] ?? 0,
  }));
}
