/** One thing that the platform needs and that can be down. */
export interface Dependency {
  readonly name: string;
  /** What to do when it is down, for whoever runs the platform. */
  readonly advice: string;
  /** Resolves when it answers; rejects or outlives `signal` when it does not. */
  check(signal: AbortSignal): Promise<void>;
}
