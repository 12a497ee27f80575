import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CsvValue, toCsv } from '../../../shared/usage/csv.ts';

/** Reads CSV as RFC 4180 says. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/g)) {
    const [, raw = '', end] = match;
    row.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const value: fc.Arbitrary<CsvValue> = fc.oneof(
  fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ',', '"', "'", 'a', 'ü', '💶') }),
  fc.string(),
  fc.integer(),
  fc.constant(null),
);

it('gives back every value, with an apostrophe before what a spreadsheet would run', () => {
  const rows = fc.integer({ min: 1, max: 5 }).chain((width) =>
    fc.record({
      columns: fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ') }), { minLength: width, maxLength: width }),
      rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 5 }),
    }),
  );
  fc.assert(
    fc.property(rows, (table) => {
      const [columns, ...read] = parse(toCsv(table.columns, table.rows));

      expect(columns).toEqual(table.columns);
      expect(read).toEqual(
        table.rows.map((row) =>
          row.map((one) => (typeof one === 'string' && /^[=+\-@\t\r]/.test(one) ? `'${one}` : String(one ?? ''))),
        ),
      );
    }),
  );
});

it('leaves no text to begin like a formula', () => {
  const text = toCsv(['a'], [['=1+1'], ['+1'], ['-1'], ['@SUM(A1)'], ['\t=1'], ['\r=1']]);

  expect(
    parse(text)
      .slice(1)
      .flat()
      .every((one) => one.startsWith("'")),
  ).toBe(true);
});

it('keeps negative numbers numbers', () => {
  expect(toCsv(['a'], [[-1]])).toBe('a\r\n-1\r\n');
});
