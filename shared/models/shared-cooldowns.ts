import type { CooldownStore } from './cooldown-store.ts';
import type { DeploymentState } from './deployment-state.ts';

/** How old what is known of other instances may be. */
const REFRESH_MILLISECONDS = 5_000;
/** A shorter cooldown is over before the others have heard of it. */
const WORTH_TELLING_MILLISECONDS = 2_000;

/** Keeps what an instance knows of throttled deployments in step with what others know. Nobody ever waits for it. */
export interface SharedCooldowns {
  /** Begins to read what the others say, when that is not known well enough. */
  refresh(): void;
  /** Tells the others that a deployment is to be left alone. */
  announce(key: string, until: number): void;
}

export function createSharedCooldowns(options: {
  readonly store: CooldownStore;
  readonly states: ReadonlyMap<string, DeploymentState>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): SharedCooldowns {
  const { store, states, now } = options;
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
    announce(key, until) {
      const isShort = until - now() < WORTH_TELLING_MILLISECONDS;
      if (isShort || until <= (announced.get(key) ?? 0) + WORTH_TELLING_MILLISECONDS) return;
      announced.set(key, until);
      void store.write(key, until).catch(ignore);
    },
  };
}
