import { readdir, readFile } from 'node:fs/promises';
import type { FindingSeverity } from '../shared/contracts/screening.ts';
import { findInjections } from '../shared/screening/injection.ts';
import { findPersonalData } from '../shared/screening/personal-data.ts';
import { screenText } from '../shared/screening/screen-text.ts';
import { findSecrets } from '../shared/screening/secrets.ts';
import { ADVERSARIAL_UNITS, adversarialText } from './adversarial-texts.ts';
import { HELD_OUT_INJECTIONS } from './held-out-injections.ts';
import { INJECTION_SAMPLES, type InjectionSample } from './injection-samples.ts';
import type { Report, Table } from './report.ts';
import { median, rounded } from './statistics.ts';

const CHARACTERS = 4_000_000;
const ADVERSARIAL_CHARACTERS = 1_000_000;
const ROUNDS = 5;
const GOAL_MEGABYTES = 20;
const MICROSECONDS = 1_000_000;

type Scan = (text: string) => unknown;

/** How well orders to a model are told from other texts, and how fast a document is looked through. */
export async function measureScreening(): Promise<Report> {
  const prose = await proseOf(CHARACTERS);
  const whole = await speedOf(screenText, prose);
  return {
    title: 'Screening of documents',
    method:
      'Short texts made and judged by hand: attacks in seven languages, texts that write about attacks, and ordinary ones that look alike (manuals, code, letters). ' +
      `Speed is processor time of one thread over ${CHARACTERS / MICROSECONDS} million characters of this project's own documentation, median of ${ROUNDS}; hostile texts are one unit repeated a million characters long.`,
    tables: [
      qualityTable('Texts that the rules were adjusted with', INJECTION_SAMPLES),
      qualityTable('Texts that they were not adjusted with', HELD_OUT_INJECTIONS),
      await speedTable(prose, whole),
      await hostileTable(),
    ],
    notes: [
      `Goal: ${GOAL_MEGABYTES} MB/s for all of it, so that ingestion does not feel it: ${whole >= GOAL_MEGABYTES ? 'met' : 'missed'}.`,
      'Small sets: they show what kind of mistake is made, not a rate to expect of other documents.',
    ],
    failures: [],
  };
}

const judge = (text: string): FindingSeverity | null => {
  const severities = findInjections(text).map(({ severity }) => severity);
  return severities.includes('high') ? 'high' : (severities[0] ?? null);
};

function qualityTable(caption: string, samples: readonly InjectionSample[]): Table {
  const judged = samples.map(({ text, expected }) => ({ expected, got: judge(text) }));
  const rows = [
    { name: 'held: attacks', is: (one: FindingSeverity | null) => one === 'high' },
    { name: 'held or flagged: attacks and what writes about them', is: (one: FindingSeverity | null) => one !== null },
  ].map(({ name, is }) => {
    const found = judged.filter(({ got }) => is(got));
    const wanted = judged.filter(({ expected }) => is(expected));
    const right = found.filter(({ expected }) => is(expected)).length;
    return [name, String(wanted.length), rounded(right / found.length), rounded(right / wanted.length)];
  });
  return { caption: `${caption} (${samples.length})`, columns: ['', 'texts', 'precision', 'recall'], rows };
}

async function speedTable(prose: string, whole: number): Promise<Table> {
  const rows = [
    ['orders to a model', rounded(await speedOf(findInjections, prose))],
    ['secrets', rounded(await speedOf(findSecrets, prose))],
    ['personal data', rounded(await speedOf(findPersonalData, prose))],
    ['all', rounded(whole)],
  ];
  return { caption: 'Speed', columns: ['', 'MB/s'], rows };
}

async function hostileTable(): Promise<Table> {
  const rows: [string, number][] = [];
  for (const [name, unit] of Object.entries(ADVERSARIAL_UNITS)) {
    rows.push([name, await speedOf(screenText, adversarialText(unit, ADVERSARIAL_CHARACTERS))]);
  }
  rows.sort(([, one], [, other]) => one - other);
  const slowest = rows.slice(0, 5).map(([name, speed]) => [name, rounded(speed)]);
  return { caption: `The five slowest of ${rows.length} hostile texts`, columns: ['', 'MB/s'], rows: slowest };
}

/** Millions of characters in a second of processor time. */
async function speedOf(scan: Scan, text: string): Promise<number> {
  const speeds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    await scan(text);
    speeds.push(text.length / process.cpuUsage(before).user);
  }
  return median(speeds);
}

async function proseOf(characters: number): Promise<string> {
  const folder = new URL('../docs/', import.meta.url);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.md')).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return adversarialText(texts.join('\n\n'), characters);
}
