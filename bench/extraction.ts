import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ExtractionError } from '../shared/ingestion/extraction/extraction-error.ts';
import { createExtractor, type Extractor } from '../shared/ingestion/extraction/extractor.ts';
import { compareTexts, type Similarity } from './extraction-similarity.ts';
import type { Report, Table } from './report.ts';
import { percentile, rounded } from './statistics.ts';

const EXPECTED = 'expected-text';
const LISTED_BELOW = 0.9;
const BYTES_PER_MEGABYTE = 1024 * 1024;

interface Outcome {
  /** Below the folder, with slashes. */
  readonly file: string;
  readonly format: string;
  /** `ready`, the code of an extraction error, or `crashed`. */
  readonly code: string;
  readonly milliseconds: number;
  /** Of all threads of the process. */
  readonly processorMilliseconds: number;
  readonly similarity: Similarity | null;
}

/**
 * Reads every file below a folder as the app would, and compares with what stands in its `expected-text/`, where a file
 * `pdf/a.pdf` has its text in `pdf__a.pdf.txt`.
 */
export async function measureExtractionOf([folder]: readonly string[]): Promise<Report> {
  if (!folder) throw new Error('Say which folder of documents: npm run bench extraction <folder>.');
  const files = await documentsIn(folder);
  const extractor = createExtractor({ concurrency: 1 });
  const outcomes: Outcome[] = [];
  for (const file of files) outcomes.push(await read(extractor, folder, file));
  await extractor.close();
  return reportOf(outcomes);
}

async function documentsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return names
    .map((name) => relative(folder, name).split(sep).join('/'))
    .filter((name) => name.includes('/') && !name.startsWith(EXPECTED))
    .sort();
}

async function read(extractor: Extractor, folder: string, file: string): Promise<Outcome> {
  const bytes = new Uint8Array(await readFile(join(folder, file)));
  const expected = await readFile(join(folder, EXPECTED, `${file.replace('/', '__')}.txt`), 'utf8').catch(() => null);
  const processorBefore = process.cpuUsage();
  const startedAt = performance.now();
  const found = await extractor.extract(bytes, { fileName: file }).catch((error: unknown) => error);
  const milliseconds = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(processorBefore);
  const processorMilliseconds = (user + system) / 1_000;
  const format = file.slice(file.lastIndexOf('.') + 1);
  if (found instanceof Error) {
    const code = found instanceof ExtractionError ? found.code : 'crashed';
    return { file, format, code, milliseconds, processorMilliseconds, similarity: null };
  }
  const { text } = found as { readonly text: string };
  const similarity = expected ? compareTexts(text, expected) : null;
  return { file, format, code: 'ready', milliseconds, processorMilliseconds, similarity };
}

function reportOf(outcomes: readonly Outcome[]): Report {
  const formats = [...new Set(outcomes.map(({ format }) => format))].sort();
  const crashed = outcomes.filter(({ code }) => code === 'crashed');
  const peak = (process.resourceUsage().maxRSS * 1024) / BYTES_PER_MEGABYTE;
  return {
    title: 'Extraction of documents as they are found',
    method:
      `${outcomes.length} files of public projects, many of them broken, encrypted or odd on purpose, each read alone by the app's own extractor, ` +
      'with its limits. Where another program has read the same file (pdftotext, pandoc, iconv): the share of its words that are in our text, and of the words that both have once, the share in the same order.',
    tables: [outcomesTable(formats, outcomes), ...similarityTables(formats, outcomes), failedTable(outcomes)],
    notes: [
      `Peak resident memory of the process with the bench and one thread: ${rounded(peak)} MB. Limits: 384 MB of heap and 60 s a file.`,
      'Low figures are no mistakes by themselves: rows of tables are kept together, which other readers take column by column; what repeats on pages is left out; pictures have no words; notes have other marks.',
    ],
    failures: crashed.map(({ file }) => `${file} ended without a document and without a reason.`),
  };
}

function outcomesTable(formats: readonly string[], outcomes: readonly Outcome[]): Table {
  const codes = [...new Set(outcomes.map(({ code }) => code))].sort(
    (a, b) => Number(b === 'ready') - Number(a === 'ready'),
  );
  const rows = formats.map((format) => {
    const own = outcomes.filter((outcome) => outcome.format === format);
    const times = own.map(({ milliseconds }) => milliseconds);
    const processor = own.map(({ processorMilliseconds }) => processorMilliseconds);
    const counts = codes.map((code) => String(own.filter((outcome) => outcome.code === code).length));
    const shares = [times, processor].flatMap((values) =>
      [0.5, 0.95, 1].map((share) => rounded(percentile(values, share))),
    );
    return [format, ...counts, ...shares];
  });
  const columns = ['Format', ...codes, 'ms p50', 'p95', 'max', 'CPU ms p50', 'p95', 'max'];
  return { caption: 'Files by outcome, and milliseconds', columns, rows };
}

function similarityTables(formats: readonly string[], outcomes: readonly Outcome[]): Table[] {
  const compared = outcomes.flatMap(({ similarity, ...rest }) => (similarity ? [{ ...rest, ...similarity }] : []));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rows = formats.flatMap((format) => {
    const own = compared.filter((outcome) => outcome.format === format);
    if (own.length === 0) return [];
    const figures = [mean(own.map(({ found }) => found)), mean(own.map(({ inOrder }) => inOrder))];
    return [[format, String(own.length), ...figures.map((figure) => figure.toFixed(3))]];
  });
  const low = compared.filter(({ found, inOrder }) => Math.min(found, inOrder) < LISTED_BELOW);
  const lowRows = low.map(({ file, found, inOrder }) => [file, found.toFixed(3), inOrder.toFixed(3)]);
  return [
    { caption: 'Beside another reader, means', columns: ['Format', 'files', 'words found', 'in order'], rows },
    { caption: `Below ${LISTED_BELOW} in either`, columns: ['File', 'words found', 'in order'], rows: lowRows },
  ];
}

function failedTable(outcomes: readonly Outcome[]): Table {
  const failed = outcomes.filter(({ code }) => code !== 'ready');
  return { caption: 'Not read', columns: ['File', 'why'], rows: failed.map(({ file, code }) => [file, code]) };
}
