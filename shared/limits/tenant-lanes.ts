import { AppError } from '../errors.ts';

/** Keeps the calls of one tenant from standing in the way of another's: each tenant has a queue of its own. */
export interface TenantLanes {
  /**
   * Runs work when fewer than `LANE_WIDTH` others of the tenant run.
   * @throws AppError `dependency_unavailable` when its turn did not come before `signal`
   */
  run<T>(tenantId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** How many wait for their turn. */
  waiting(tenantId: string): number;
}

interface Lane {
  running: number;
  readonly queue: (() => void)[];
}

/** A reservation of a tenant three levels down, with a user, needs four connections of the store's 128. */
const LANE_WIDTH = 12;
const RETRY_AFTER_SECONDS = 5;

export function createTenantLanes(): TenantLanes {
  const lanes = new Map<string, Lane>();

  function laneOf(tenantId: string): Lane {
    const lane = lanes.get(tenantId) ?? { running: 0, queue: [] };
    lanes.set(tenantId, lane);
    return lane;
  }

  /** Whoever leaves gives its place to the next, so `running` stays as it is. */
  function leave(tenantId: string, lane: Lane): void {
    const next = lane.queue.shift();
    if (next) next();
    else lane.running -= 1;
    if (lane.running === 0) lanes.delete(tenantId);
  }

  return {
    waiting: (tenantId) => lanes.get(tenantId)?.queue.length ?? 0,
    async run(tenantId, signal, work) {
      const lane = laneOf(tenantId);
      if (lane.running < LANE_WIDTH) lane.running += 1;
      else await turn(lane.queue, signal);
      try {
        return await work();
      } finally {
        leave(tenantId, lane);
      }
    },
  };
}

function turn(queue: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const come = () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    const giveUp = () => {
      queue.splice(queue.indexOf(come), 1);
      const options = { cause: signal.reason, retryAfterSeconds: RETRY_AFTER_SECONDS };
      reject(new AppError('dependency_unavailable', 'The counters of the limits did not answer in time.', options));
    };
    signal.addEventListener('abort', giveUp, { once: true });
    queue.push(come);
  });
}
