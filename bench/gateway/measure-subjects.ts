import { setTimeout as sleep } from 'node:timers/promises';
import { makeText } from '../made-documents.ts';
import { threadMicroseconds } from '../process-usage.ts';
import type { GatewayRun } from './figures.ts';
import { type Kind, PARALLEL } from './kinds.ts';
import type { LoadGenerator, LoadResult } from './load.ts';
import type { Subject, SubjectKey, Subjects } from './subjects.ts';

const ROUNDS = 3;
/** Enough for V8 to have compiled what is measured. */
const WARM_UP = { parallel: 16, requests: 2_000 };
const IDLE_MILLISECONDS = 2_000;
/** How long the mock takes for a paced answer; those who ask at a time are spread over it, as people are. */
const PACED_MILLISECONDS = 690;
const QUESTION_CHARACTERS = 2_000;

/** How many requests are sent in a round, by how many ask at a time. */
const REQUESTS: Readonly<Record<Kind, Readonly<Record<(typeof PARALLEL)[number], number>>>> = {
  json: { 1: 120, 16: 480, 64: 768 },
  stream: { 1: 80, 16: 256, 64: 448 },
  paced: { 1: 2, 16: 16, 64: 96 },
};
/** The emulators are much slower than everything else. */
const SHARE_WITH_EMULATORS = 0.25;
const shareOf = (key: SubjectKey) => (key === 'stored' ? SHARE_WITH_EMULATORS : 1);

const messages = [
  { role: 'system', content: 'Answer in a few words.' },
  { role: 'user', content: makeText(1, QUESTION_CHARACTERS) },
];

type Asked = Pick<GatewayRun, 'kind' | 'parallel' | 'requests'>;

/** Sends the same loads to all subjects in turn, in rounds. */
export async function measureSubjects(subjects: Subjects, generator: LoadGenerator): Promise<GatewayRun[]> {
  const entries = Object.entries(subjects) as [SubjectKey, Subject][];
  for (const [key, subject] of entries) await warmUp(generator, subject, shareOf(key));
  const idle = await idleShares(entries);
  const runs: GatewayRun[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { kind, parallel, key, subject, requests } of scheduleOf(entries)) {
      const before = threadMicroseconds(subject.pid);
      const result = await ask(generator, subject, { kind, parallel, requests });
      const used = threadMicroseconds(subject.pid) - before - (idle.get(key) ?? 0) * result.seconds * 1e6;
      runs.push({ key, kind, parallel, requests, result, processorMicroseconds: used / requests });
    }
  }
  return runs;
}

/** The loads of a round; each goes to all subjects before the next one does. */
function scheduleOf(entries: readonly [SubjectKey, Subject][]) {
  return (Object.keys(REQUESTS) as Kind[]).flatMap((kind) =>
    PARALLEL.flatMap((parallel) =>
      entries.map(([key, subject]) => {
        const share = kind === 'paced' ? 1 : shareOf(key);
        return { kind, parallel, key, subject, requests: Math.ceil(REQUESTS[kind][parallel] * share) };
      }),
    ),
  );
}

/** Asks for what a kind is, so many times. */
export function ask(generator: LoadGenerator, subject: Subject, asked: Asked): Promise<LoadResult> {
  const { kind, parallel, requests } = asked;
  const isPaced = kind === 'paced';
  const model = isPaced ? 'paced' : 'fast';
  return generator.send({
    url: subject.url,
    headers: subject.headers(model),
    body: { model, messages, ...(kind !== 'json' && { stream: true }) },
    parallel,
    requests,
    spreadMilliseconds: isPaced ? PACED_MILLISECONDS : 0,
  });
}

async function warmUp(generator: LoadGenerator, subject: Subject, share: number): Promise<void> {
  const load = { ...WARM_UP, requests: WARM_UP.requests * share };
  for (const kind of ['json', 'stream'] as const) {
    const { failures } = await ask(generator, subject, { kind, ...load });
    if (failures[0]) throw new Error(`${subject.name} cannot be measured: ${failures[0]}`);
  }
}

/** Which share of a core each process uses when nobody asks. */
async function idleShares(entries: readonly [SubjectKey, Subject][]): Promise<Map<SubjectKey, number>> {
  const used = () => entries.map(([, { pid }]) => threadMicroseconds(pid));
  const before = used();
  await sleep(IDLE_MILLISECONDS);
  const after = used();
  const usedBy = (index: number) => ((after[index] ?? 0) - (before[index] ?? 0)) / (IDLE_MILLISECONDS * 1_000);
  return new Map(entries.map(([key], index) => [key, usedBy(index)]));
}
