import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  IterableBackoff,
} from 'cockatiel';
import type { ModelDeployment } from '../contracts/models.ts';
import { AttemptError } from './attempt-error.ts';
import { createHeadroom } from './headroom.ts';

/** So many failures in a row open the breaker of a deployment. */
const FAILURES_TO_OPEN = 5;
/** For how long: at first, and each time that a probe fails as well. */
const OPEN_MILLISECONDS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;

const LONGEST_COOLDOWN_MILLISECONDS = 60_000;
const FIRST_COOLDOWN_MILLISECONDS = 1_000;

/** What one instance knows of a deployment. Times are milliseconds since the epoch. */
export interface DeploymentState {
  /** Requests that run now. */
  readonly inFlight: number;
  /** Until when it is left alone: it is throttled, or its breaker is open. 0: it may be asked. */
  blockedUntil(): number;
  /** Why it failed last, for when it is not even asked. */
  readonly lastFailure: AttemptError | null;
  /** Whether it has room for a request of about so many tokens, as far as this instance knows. */
  hasRoomFor(tokens: number): boolean;
  /** Until when it has none; 0: it has. */
  fullUntil(tokens: number): number;
  /** Tries once, watched by the breaker: half-open, it lets one attempt through. */
  attempt<T>(operation: () => Promise<T>): Promise<T>;
  /** Counts a request in until it is over; `tokens` is what it took. */
  begin(estimatedTokens: number): (tokens: number) => void;
  /** Learns of a throttled deployment, here or on another instance; an earlier end changes nothing. */
  coolUntil(time: number): void;
  /** An answer that broke off after its first token. */
  brokeOff(error: AttemptError): void;
}

/** How long to leave a throttled deployment alone: as it asks, at most a minute; doubling where it does not ask. */
export function cooldownAfter(retryAfterMilliseconds: number | null, throttledInARow: number): number {
  const asked = retryAfterMilliseconds ?? FIRST_COOLDOWN_MILLISECONDS * 2 ** (throttledInARow - 1);
  return Math.min(Math.max(0, asked), LONGEST_COOLDOWN_MILLISECONDS);
}

export function createDeploymentState(limits: ModelDeployment, now: () => number): DeploymentState {
  const headroom = createHeadroom(limits, now);
  let inFlight = 0;
  let coolingUntil = 0;
  let throttledInARow = 0;
  let openUntil = 0;
  let opened = 0;
  let lastFailure: AttemptError | null = null;

  const isOutage = (error: unknown) => error instanceof AttemptError && ['unavailable', 'timeout'].includes(error.kind);
  const breaker = circuitBreaker(
    // A probe that its caller gave up proves nothing.
    handleWhen((error) => isOutage(error) || (isHalfOpen() && !(error instanceof AttemptError))),
    { halfOpenAfter: new IterableBackoff(OPEN_MILLISECONDS), breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN) },
  );
  const isHalfOpen = (): boolean => breaker.state === CircuitState.HalfOpen;
  breaker.onBreak(() => {
    openUntil = now() + (OPEN_MILLISECONDS[opened] ?? 0);
    opened = Math.min(opened + 1, OPEN_MILLISECONDS.length - 1);
  });
  breaker.onReset(() => {
    opened = 0;
  });

  function learn(error: unknown): void {
    if (!(error instanceof AttemptError) || error.kind === 'refused') return;
    lastFailure = error;
    if (error.kind === 'throttled') throttledInARow += 1;
    if (error.kind !== 'throttled' && error.retryAfterMilliseconds === null) return;
    const cooldown = cooldownAfter(error.retryAfterMilliseconds, throttledInARow);
    coolingUntil = Math.max(coolingUntil, now() + cooldown);
  }

  return {
    get inFlight() {
      return inFlight;
    },
    get lastFailure() {
      return lastFailure;
    },
    blockedUntil() {
      const time = now();
      const isProbed = isHalfOpen();
      const isOpen = breaker.state === CircuitState.Open && openUntil > time;
      const until = Math.max(coolingUntil, isOpen ? openUntil : 0, isProbed ? time + FIRST_COOLDOWN_MILLISECONDS : 0);
      return until > time ? until : 0;
    },
    hasRoomFor: headroom.hasRoomFor,
    fullUntil: headroom.fullUntil,
    async attempt(operation) {
      try {
        const result = await breaker.execute(operation);
        throttledInARow = 0;
        return result;
      } catch (error) {
        learn(error);
        // Another request's probe failed just before.
        throw error instanceof BrokenCircuitError && lastFailure ? lastFailure : error;
      }
    },
    begin(estimatedTokens) {
      inFlight += 1;
      const settle = headroom.take(estimatedTokens);
      return (tokens) => {
        inFlight -= 1;
        settle(tokens);
      };
    },
    coolUntil(time) {
      coolingUntil = Math.max(coolingUntil, Math.min(time, now() + LONGEST_COOLDOWN_MILLISECONDS));
    },
    brokeOff(error) {
      if (breaker.state === CircuitState.Closed) breaker.execute(() => Promise.reject(error)).catch(learn);
    },
  };
}
