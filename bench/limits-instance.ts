/** One instance of the limiter, in a process of its own, that does what its parent sends it and answers with figures. */
import { createCosmos } from '../shared/adapters/cosmos/client.ts';
import { createCounterStore } from '../shared/adapters/cosmos/counter-store.ts';
import { migrate } from '../shared/adapters/cosmos/migrations.ts';
import { isAppError } from '../shared/errors.ts';
import type { CounterState, CounterStore } from '../shared/limits/counter-store.ts';
import { createTokenRateLimiter } from '../shared/limits/create-token-rate-limiter.ts';
import type { Spender } from '../shared/limits/token-rate-limiter.ts';
import { createLogger } from '../shared/telemetry/logger.ts';

export interface Work {
  readonly spender: Spender;
  readonly reservations: number;
  /** How many at a time. */
  readonly parallel: number;
  readonly tokens: number;
  /** Settles each one that was admitted, outside its measured time. */
  readonly settle: boolean;
  /** Where the counters are: Cosmos DB, or a map that answers at once, which leaves the limiter alone. */
  readonly store: 'cosmos' | 'map';
}

export interface Figures {
  readonly admitted: number;
  readonly refused: number;
  /** Whatever else happened. */
  readonly failures: readonly string[];
  /** Milliseconds of each reservation. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  /** Requests to the store while reserving. */
  readonly storeCalls: number;
}

/** On a busy machine the limit must be measured, not the timeout. */
const TIMEOUT_MILLISECONDS = 60_000;

const cosmos = createCosmos({
  endpoint: process.env.COSMOS_ENDPOINT ?? '',
  key: process.env.COSMOS_KEY,
  database: 'platform',
});
let storeCalls = 0;

function counted(store: CounterStore): CounterStore {
  return {
    ...store,
    add: (scope, changes, ceilings, signal) => {
      if (ceilings.length > 0) storeCalls += 1;
      return store.add(scope, changes, ceilings, signal);
    },
    read: (...call) => {
      storeCalls += 1;
      return store.read(...call);
    },
  };
}

const empty = (): CounterState => ({ tokens: {}, requests: {}, microUsd: {}, heldTokens: {}, heldMicroUsd: {} });

/** Grants everything and remembers nothing. */
const map: CounterStore = {
  add: async () => empty(),
  create: async () => empty(),
  read: async () => empty(),
  remove: async () => undefined,
};

/** Time stands still, so that no minute ends within a measurement. */
const startedAt = new Date();
const limiters = Object.fromEntries(
  Object.entries({ cosmos: createCounterStore(cosmos), map }).map(([name, store]) => [
    name,
    createTokenRateLimiter({
      store: counted(store),
      log: createLogger('silent'),
      now: () => startedAt,
      onBudgetWarning: () => undefined,
      timeout: TIMEOUT_MILLISECONDS,
    }),
  ]),
);

async function reserveOne({ spender, tokens, settle, store }: Work, latencies: number[]): Promise<void> {
  const begin = performance.now();
  try {
    const reservation = await limiters[store]?.reserve(spender, { tokens, microUsd: 1, knowledgeBaseIds: [] });
    latencies.push(performance.now() - begin);
    if (settle) await reservation?.settle({ tokens, microUsd: 1 });
  } catch (error) {
    latencies.push(performance.now() - begin);
    throw error;
  }
}

async function perform(work: Work): Promise<Figures> {
  const latencies: number[] = [];
  const failures: string[] = [];
  let [admitted, refused, left] = [0, 0, work.reservations];
  storeCalls = 0;
  const begin = performance.now();
  const sender = async () => {
    while (left-- > 0) {
      await reserveOne(work, latencies).then(
        () => admitted++,
        (error: Error) => (isAppError(error, 'too_many_requests') ? refused++ : failures.push(error.message)),
      );
    }
  };
  await Promise.all(Array.from({ length: work.parallel }, sender));
  const seconds = (performance.now() - begin) / 1_000;
  return { admitted, refused, failures, latencies, seconds, storeCalls };
}

await migrate(cosmos, () => undefined);
process.on('message', async (work: Work) => process.send?.(await perform(work)));
process.send?.('ready');
