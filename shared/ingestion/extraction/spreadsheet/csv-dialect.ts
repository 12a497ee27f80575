import { parse } from 'csv-parse/sync';

const DELIMITERS = [',', ';', '\t', '|'];
const SAMPLE_CHARACTERS = 64 * 1024;
const SAMPLE_ROWS = 100;
const MIN_AGREEING_SHARE = 0.6;
const DELIMITER_LINE = /^sep=(.)\n/i;

/** How the parser reads rows as people's programs write them: unequal, with stray quotes, with empty lines. */
export const csvOptions = (delimiter: string) =>
  ({ delimiter, relax_column_count: true, relax_quotes: true, skip_empty_lines: true }) as const;

/** The character that parts the cells, by which the first rows agree on two columns or more; null when none does. */
export function csvDelimiter(source: string): string | null {
  const declared = DELIMITER_LINE.exec(source)?.[1];
  if (declared) return declared;
  const rated = DELIMITERS.map((delimiter) => ({ delimiter, ...agreementOf(source, delimiter) }));
  const usable = rated.filter(({ columns, share }) => columns > 1 && share >= MIN_AGREEING_SHARE);
  usable.sort((one, other) => other.share - one.share || other.columns - one.columns);
  return usable[0]?.delimiter ?? null;
}

/** Leaves out the line `sep=;` by which Excel is told the delimiter. */
export function withoutDelimiterLine(source: string): string {
  return source.replace(DELIMITER_LINE, '');
}

function agreementOf(source: string, delimiter: string): { columns: number; share: number } {
  const counts = new Map<number, number>();
  for (const cells of sampleRows(source, delimiter)) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [commonest = [0, 0]] = [...counts].sort(([, one], [, other]) => other - one);
  return { columns: commonest[0], share: rows === 0 ? 0 : commonest[1] / rows };
}

function sampleRows(source: string, delimiter: string): string[][] {
  const isWhole = source.length <= SAMPLE_CHARACTERS;
  const sample = isWhole ? source : source.slice(0, SAMPLE_CHARACTERS);
  const rows: string[][] = [];
  const keep = (cells: string[]): null => {
    rows.push(cells);
    return null;
  };
  try {
    parse(sample, { ...csvOptions(delimiter), to: SAMPLE_ROWS, on_record: keep });
  } catch {
    // The sample ends inside a quoted cell; the rows before it count.
  }
  return isWhole || rows.length === SAMPLE_ROWS ? rows : rows.slice(0, -1);
}
