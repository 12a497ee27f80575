import type { CooldownStore } from './cooldown-store.ts';
import type { Candidate } from './deployment-pool.ts';
import type { DeploymentTarget } from './model-transport.ts';

/** How old what is known of other instances may be. */
const REFRESH_MILLISECONDS = 5_000;
/** A shorter cooldown is over before the others have heard of it. */
const WORTH_TELLING_MILLISECONDS = 2_000;

/** Keeps what an instance knows of throttled deployments in step with what others know. Nobody ever waits for it. */
export interface SharedCooldowns {
  /** Begins to read what the others say, when that is not known well enough. */
  refresh(): void;
  /** Tells the others that a deployment is to be left alone. */
  announce(target: DeploymentTarget, until: number): void;
}

/** With its address: under a name, another catalog may have another deployment. */
const keyOf = ({ key, endpoint }: DeploymentTarget) => `${endpoint.url} ${key}`;

export function createSharedCooldowns(options: {
  readonly store: CooldownStore;
  readonly deployments: readonly Candidate[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): SharedCooldowns {
  const { store, now } = options;
  const states = new Map(options.deployments.map(({ target, state }) => [keyOf(target), state]));
  const announced = new Map<string, number>();
  let readAt = Number.NEGATIVE_INFINITY;

  // Without the store every instance finds out for itself.
  const ignore = () => undefined;

  return {
    refresh() {
      if (now() - readAt < REFRESH_MILLISECONDS) return;
      readAt = now();
      const learn = (cooldowns: ReadonlyMap<string, number>) => {
        for (const [key, until] of cooldowns) if (until > now()) states.get(key)?.coolUntil(until);
      };
      void store.read().then(learn).catch(ignore);
    },
    announce(target, until) {
      const key = keyOf(target);
      const isShort = until - now() < WORTH_TELLING_MILLISECONDS;
      if (isShort || until <= (announced.get(key) ?? 0) + WORTH_TELLING_MILLISECONDS) return;
      announced.set(key, until);
      void store.write(key, until).catch(ignore);
    },
  };
}
