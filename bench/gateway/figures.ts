import { median, percentile } from '../statistics.ts';
import { type Kind, PARALLEL, TOKENS } from './kinds.ts';
import type { LoadResult } from './load.ts';
import type { SubjectKey } from './subjects.ts';

/** One round of one load. */
export interface GatewayRun {
  readonly key: SubjectKey;
  readonly kind: Kind;
  readonly parallel: number;
  readonly requests: number;
  readonly result: LoadResult;
  /** Of the gateway's process for one request, what it uses when idle taken off. */
  readonly processorMicroseconds: number;
}

/** What the rounds say together: medians. */
export interface Figures {
  perSecond(key: SubjectKey, kind: Kind, parallel: number): number;
  /** Processor time of a request. */
  microseconds(key: SubjectKey, kind: Kind, parallel: number): number;
  /** What each token costs that comes alone: a paced stream less an answer as a whole. */
  microsecondsPerToken(key: SubjectKey): number;
  /** What a gateway adds to the time to the first token of a paced stream. */
  addedMilliseconds(key: SubjectKey, parallel: number, share: number): number;
  /** Lost or broken answers. */
  readonly failures: readonly string[];
}

const MOST_PARALLEL = Math.max(...PARALLEL);

export function figuresOf(runs: readonly GatewayRun[]): Figures {
  const of = (key: SubjectKey, kind: Kind, parallel: number) =>
    runs.filter((run) => run.key === key && run.kind === kind && run.parallel === parallel);
  const microseconds = (...load: [SubjectKey, Kind, number]) =>
    median(of(...load).map(({ processorMicroseconds }) => processorMicroseconds));
  const firstToken = (key: SubjectKey, parallel: number, share: number) =>
    percentile(
      of(key, 'paced', parallel).flatMap(({ result }) => result.latencies),
      share,
    );
  return {
    perSecond: (...load) => median(of(...load).map(({ requests, result }) => requests / result.seconds)),
    microseconds,
    microsecondsPerToken: (key) =>
      (microseconds(key, 'paced', MOST_PARALLEL) - microseconds(key, 'json', MOST_PARALLEL)) / TOKENS,
    addedMilliseconds: (key, parallel, share) =>
      firstToken(key, parallel, share) - firstToken('direct', parallel, share),
    failures: runs.flatMap(({ key, kind, parallel, result }) =>
      result.failures.map((failure) => `${key}, ${kind}, ${parallel} parallel: ${failure}`),
    ),
  };
}
