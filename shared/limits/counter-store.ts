/** What is counted: used, or held by calls that still run. */
export type Counter = 'tokens' | 'requests' | 'microUsd' | 'heldTokens' | 'heldMicroUsd';

/** One number: a counter in one window, such as `tokens` in `minute_202611231538`. */
export interface Cell {
  readonly counter: Counter;
  readonly window: string;
}

export interface CounterChange extends Cell {
  readonly by: number;
}

/** The sum of some cells, and what comes on top, may be at most `limit`. */
export interface Ceiling {
  readonly cells: readonly Cell[];
  readonly adding: number;
  readonly limit: number;
}

/** All numbers of one scope, by counter and window; what is not there is 0. */
export type CounterState = Readonly<Record<Counter, Readonly<Record<string, number>>>>;

/**
 * The numbers of each scope as one item. Every window has a number of its own, so a new minute or month begins without a
 * write, and a reservation is one conditional write whatever time has passed since the last one.
 *
 * All calls end with `signal` and throw AppError `dependency_unavailable` when the store does not answer until then.
 */
export interface CounterStore {
  /** Makes all changes, at most 10, if every ceiling holds, as one atomic step. Answers with all numbers after it. */
  add(
    scope: string,
    changes: readonly CounterChange[],
    ceilings: readonly Ceiling[],
    signal: AbortSignal,
  ): Promise<CounterState | 'exceeded' | 'missing'>;
  /** Starts a scope with the given changes; null when it is there already. */
  create(scope: string, changes: readonly CounterChange[], signal: AbortSignal): Promise<CounterState | null>;
  read(scope: string, signal: AbortSignal): Promise<CounterState | null>;
  /** Forgets cells, at most 10; does nothing when somebody else forgot one of them. */
  remove(scope: string, cells: readonly Cell[], signal: AbortSignal): Promise<void>;
}

export function amountIn(state: CounterState | null, cells: readonly Cell[]): number {
  return cells.reduce((sum, { counter, window }) => sum + (state?.[counter][window] ?? 0), 0);
}
