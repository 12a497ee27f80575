import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { Machine } from './machine.ts';

const RESULTS = new URL('./results/', import.meta.url);

export interface Table {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a bench found. */
export interface Report {
  readonly title: string;
  /** How it was measured. */
  readonly method: string;
  readonly tables: readonly Table[];
  /** Goals met and missed, and what else the figures need to be read rightly. */
  readonly notes: readonly string[];
  /** What must hold whatever the machine, and did not; a bench with any of these fails. */
  readonly failures: readonly string[];
}

interface SavedReport extends Report {
  readonly takenAt: string;
  readonly machine: Machine;
}

/** Writes a report as JSON, and all reports that are there as one page to read. */
export async function saveReport(name: string, report: Report, machine: Machine): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  const saved: SavedReport = { takenAt: new Date().toISOString(), machine, ...report };
  await writeFile(new URL(`${name}.json`, RESULTS), `${JSON.stringify(saved, null, 2)}\n`);
  const files = (await readdir(RESULTS)).filter((file) => file.endsWith('.json')).sort();
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, RESULTS), 'utf8')));
  const sections = texts.map((text) => formatReport(JSON.parse(text) as SavedReport));
  const intro = '# Measured\n\nMade by `npm run bench`; each part says when and on what. Figures are medians.';
  await writeFile(new URL('README.md', RESULTS), `${[intro, ...sections].join('\n\n')}\n`);
}

/** A report as Markdown. */
export function formatReport({
  title,
  method,
  tables,
  notes,
  failures,
  ...saved
}: Report & Partial<SavedReport>): string {
  return [
    `## ${title}`,
    ...(saved.machine ? [`*${saved.takenAt?.slice(0, 16)} UTC. ${formatMachine(saved.machine)}*`] : []),
    method,
    ...tables.map(formatTable),
    notes.map((note) => `- ${note}`).join('\n'),
    failures.map((failure) => `- **Failed:** ${failure}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function formatMachine(machine: Machine): string {
  const { processor, cores, memoryGigabytes, system, node, loadBefore } = machine;
  return `${cores} cores (${processor}), ${memoryGigabytes} GB, ${system}, Node ${node}, load before ${loadBefore}`;
}

function formatTable({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const ruler = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  return [`**${caption}**`, '', line(columns), line(ruler), ...rows.map(line)].join('\n');
}
