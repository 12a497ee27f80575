import type { Report, Table } from '../report.ts';
import { shareTable } from '../share-table.ts';
import { rounded } from '../statistics.ts';
import { addedBeyond, type FailoverTime, type RandomOutcome } from './failover.ts';
import type { Figures } from './figures.ts';
import { failoverNotes, goalNotes } from './goals.ts';
import { type Kind, PARALLEL } from './kinds.ts';
import type { SubjectKey, Subjects } from './subjects.ts';

interface Findings {
  readonly subjects: Subjects;
  readonly figures: Figures;
  readonly memory: ReadonlyMap<SubjectKey, { readonly now: number; readonly peak: number }>;
  /** Of the processor time of our app, by who caused it. */
  readonly shares: ReadonlyMap<string, number>;
  readonly times: readonly FailoverTime[];
  readonly random: RandomOutcome;
}

const SHARES_CAPTION =
  'Where the processor time of our app goes in streams, stores that answer at once, by who caused it';
const PROXIES: readonly SubjectKey[] = ['instant', 'stored', 'portkey', 'portkey-azure', 'azure-floor', 'floor'];
const ALL: readonly SubjectKey[] = ['direct', ...PROXIES];
const loads = (suffix: string) => PARALLEL.map((parallel) => `${suffix}, ${parallel} parallel`);

export function reportGateway(findings: Findings): Report {
  const { figures, shares, times, random } = findings;
  return {
    title: 'Gateway: the OpenAI-compatible door beside Portkey',
    method:
      'A mock model in a process of its own answers 64 tokens; a load generator in another asks it directly and through ' +
      'each gateway, in interleaved rounds, with a prompt of 2,000 characters, and checks that every answer is whole. Our door ' +
      'authenticates, counts against limits of tenant and user and a budget, meters and audits every call; Portkey does none of that. ' +
      'Processor time is of the gateway’s process, what it uses when idle taken off. Our app runs as the Node worker of Azure does, ' +
      'without the gRPC message that accompanies each call there.',
    tables: [
      throughput(findings, 'json', 'JSON: requests a second and processor time'),
      throughput(findings, 'stream', 'A stream of 64 tokens that comes at once'),
      pacedTable(findings),
      storeTable(figures),
      memoryTable(findings),
      shareTable(SHARES_CAPTION, shares),
      failoverTable(times),
    ],
    notes: [
      ...goalNotes(figures),
      ...failoverNotes(times, random),
      'Requests a second are of two cores that the mock, the load generator and, in its row, the emulators share.',
      'Portkey waits 25 ms before it passes on the first chunk of a stream. Its requests to OpenAI are passed through, those to Azure translated.',
      'A store that answers at once is a map in the app’s memory in the place of the clients of Cosmos DB and Queue Storage; everything ' +
        'of ours around it runs. What the queue’s worker does later with the usage records is not in the figures.',
    ],
    failures: [...figures.failures, ...random.failures],
  };
}

function throughput({ subjects, figures }: Findings, kind: Kind, caption: string): Table {
  const rows = ALL.map((key) => [
    subjects[key].name,
    ...PARALLEL.map((parallel) => rounded(figures.perSecond(key, kind, parallel))),
    ...PARALLEL.map((parallel) => (key === 'direct' ? '–' : rounded(figures.microseconds(key, kind, parallel)))),
  ]);
  return { caption, columns: ['', ...loads('requests/s'), ...loads('CPU µs')], rows };
}

function pacedTable({ subjects, figures }: Findings): Table {
  const rows = PROXIES.map((key) => [
    subjects[key].name,
    ...PARALLEL.map((parallel) =>
      [0.5, 0.95].map((share) => rounded(figures.addedMilliseconds(key, parallel, share))).join(' / '),
    ),
    rounded(figures.microseconds(key, 'paced', 64)),
    rounded(figures.microsecondsPerToken(key)),
  ]);
  const caption =
    'A stream with its first token after 50 ms and one each 10 ms: what is added to the first token, in ms (p50 / p95)';
  return { caption, columns: ['', ...loads('added'), 'CPU µs, 64 parallel', 'CPU µs a token'], rows };
}

function storeTable(figures: Figures): Table {
  const kinds: readonly (readonly [Kind, string])[] = [
    ['json', 'JSON'],
    ['stream', 'stream'],
  ];
  const rows = kinds.map(([kind, name]) => [
    name,
    ...PARALLEL.map((parallel) =>
      rounded(figures.microseconds('stored', kind, parallel) - figures.microseconds('instant', kind, parallel)),
    ),
  ]);
  return { caption: 'What the clients of the stores take: CPU µs a request', columns: ['', ...loads('CPU µs')], rows };
}

function memoryTable({ subjects, memory }: Findings): Table {
  const rows = PROXIES.filter((key) => key !== 'portkey-azure').map((key) => {
    const { now = Number.NaN, peak = Number.NaN } = memory.get(key) ?? {};
    return [key === 'portkey' ? 'Portkey 1.15.2' : subjects[key].name, rounded(now), rounded(peak)];
  });
  return { caption: 'Memory of the process, MB resident', columns: ['', 'after the loads', 'most'], rows };
}

function failoverTable(times: readonly FailoverTime[]): Table {
  return {
    caption: 'Failover: milliseconds to the first bytes of a stream, local model servers',
    columns: [
      'First deployment',
      'its failure alone',
      'door, first one answers',
      'door, second one answers',
      'added beyond',
    ],
    rows: times.map((time) => [
      time.failure,
      ...[time.failed, time.without, time.through, addedBeyond(time)].map(rounded),
    ]),
  };
}
