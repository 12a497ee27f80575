import type { LoadResult } from './chat-load.ts';
import type { Report, Table } from './report.ts';
import { shareTable } from './share-table.ts';
import { median, percentile, rounded } from './statistics.ts';

/** One round of one load, directly and through the app. */
export interface ChatRun {
  readonly kind: 'json' | 'stream';
  readonly parallel: number;
  readonly requests: number;
  readonly direct: LoadResult;
  readonly through: LoadResult;
  /** Of the app's process for one request, what it uses when idle taken off. */
  readonly processorMicroseconds: number;
}

interface ChatRuns {
  /** The model answers at once. */
  readonly fast: readonly ChatRun[];
  /** The model sends its first token after 50 ms and one each 10 ms. */
  readonly paced: readonly ChatRun[];
  readonly shares: ReadonlyMap<string, number>;
}

const SHARES_CAPTION =
  "Where the app's processor time goes in streams, by who caused it (sampled in an instance of its own)";
const MOST_PARALLEL = 64;
const STREAM_GOAL_MICROSECONDS = 450;

export function reportChat({ fast, paced, shares }: ChatRuns): Report {
  return {
    title: 'Chat, compared with calling the model directly',
    method:
      'A mock model in a process of its own answers 64 tokens; a load generator in another asks it directly and through ' +
      '`/api/v1/chat` and `/api/v1/chat/stream`, in interleaved rounds, with a token check, a session with history, retrieval of 8 passages, ' +
      'the run log and the saved messages on. The stores are the local emulators, which share the two cores: requests a ' +
      'second and added milliseconds are mostly theirs. Processor time is of the app alone, its host included.',
    tables: [
      throughput(fast),
      firstToken('Paced stream: milliseconds to the first token', paced),
      shareTable(SHARES_CAPTION, shares),
    ],
    notes: [
      'Calling directly does neither authentication, history, retrieval nor persistence.',
      goalNote(fast, shares),
      'Each turn reads session, history and knowledge bases, embeds, searches, asks the model, and writes run log, question, answer and session.',
    ],
    failures: [...fast, ...paced].flatMap(({ kind, parallel, direct, through }) =>
      [...direct.failures, ...through.failures].map((failure) => `${kind}, ${parallel} parallel: ${failure}`),
    ),
  };
}

/** The goal leaves out what the clients of the stores take, so our own share is what it is compared with. */
function goalNote(runs: readonly ChatRun[], shares: ReadonlyMap<string, number>): string {
  const streams = runs.filter(({ kind, parallel }) => kind === 'stream' && parallel === MOST_PARALLEL);
  const whole = median(streams.map(({ processorMicroseconds }) => processorMicroseconds));
  const ours = whole * ((shares.get('our own code') ?? 0) + (shares.get('@azure/functions') ?? 0));
  const verdict = ours <= STREAM_GOAL_MICROSECONDS ? 'met' : 'missed';
  return (
    `Goal: at most ${STREAM_GOAL_MICROSECONDS} µs of CPU for a stream apart from the clients of the stores: ${verdict}. Our own code and ` +
    `\`@azure/functions\` take about ${rounded(ours)} µs, what Node does on behalf of all is not in it.`
  );
}

function byLoad(runs: readonly ChatRun[]): Map<string, ChatRun[]> {
  return Map.groupBy(runs, ({ kind, parallel }) => `${kind}, ${parallel} parallel`);
}

function throughput(runs: readonly ChatRun[]): Table {
  const rows = [...byLoad(runs)].map(([name, group]) => {
    const perSecond = (way: 'direct' | 'through') =>
      rounded(median(group.map((run) => run.requests / run[way].seconds)));
    const used = median(group.map(({ processorMicroseconds }) => processorMicroseconds));
    return [name, perSecond('direct'), perSecond('through'), rounded(used)];
  });
  return {
    caption: 'A model that answers at once',
    columns: ['Load', 'direct, requests/s', 'app, requests/s', 'app, CPU µs a request'],
    rows,
  };
}

function firstToken(caption: string, runs: readonly ChatRun[]): Table {
  const rows = [...byLoad(runs)].map(([name, group]) => {
    const at = (way: 'direct' | 'through', share: number) =>
      percentile(
        group.flatMap((run) => run[way].latencies),
        share,
      );
    const pair = (way: 'direct' | 'through') => `${rounded(at(way, 0.5))} / ${rounded(at(way, 0.95))}`;
    const added = (share: number) => rounded(at('through', share) - at('direct', share));
    const used = median(group.map(({ processorMicroseconds }) => processorMicroseconds));
    return [name, pair('direct'), pair('through'), `${added(0.5)} / ${added(0.95)}`, rounded(used)];
  });
  return { caption, columns: ['Load', 'direct p50 / p95', 'app p50 / p95', 'added', 'CPU µs a request'], rows };
}
