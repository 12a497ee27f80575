import { describe, expect, it } from 'vitest';
import { extractCsv } from '../../../../shared/ingestion/extraction/spreadsheet/extract-csv.ts';
import { blocksOf, bytesOf, limits } from './extracted-blocks.ts';

function rows(source: string): string[] {
  return blocksOf(extractCsv(bytesOf(source), limits)).map(([, text]) => text);
}

describe('reading CSV', () => {
  it.each([
    ['commas', 'City,Fare\nOslo,"1,200"\n'],
    ['semicolons', 'City;Fare\nOslo;1,200\n'],
    ['tabs', 'City\tFare\nOslo\t1,200\n'],
    ['bars', 'City|Fare\r\nOslo|1,200\r\n'],
    ['what its first line says', 'sep=;\nCity;Fare\nOslo;1,200'],
  ])('knows cells that are parted by %s', (_, source) => {
    expect(rows(source)).toEqual(['City | Fare', 'Oslo | 1,200']);
  });

  it('reads quotes, line ends in cells, empty lines and rows of unequal length', () => {
    expect(rows('a,b,c\n"say ""hi""","two\nlines",\n\n1,2\n,,\nx"y,z,3\n4,5,6,7')).toEqual([
      'a | b | c',
      'say "hi" | two lines |',
      '1 | 2',
      'x"y | z | 3',
      '4 | 5 | 6 | 7',
    ]);
  });

  it('makes each row a block of its own, with exact spans', () => {
    const { text, blocks, mediaType } = extractCsv(bytesOf('a,b\n1,2\n3,4'), limits);
    expect(mediaType).toBe('text/csv');
    expect(text).toBe('a | b\n1 | 2\n3 | 4');
    expect(blocks.map(({ kind, start, end }) => [kind, start, end])).toEqual([
      ['table-row', 0, 5],
      ['table-row', 6, 11],
      ['table-row', 12, 17],
    ]);
  });

  it('refuses one that is too long, empty, or no table', () => {
    const tight = { ...limits, maxTextCharacters: 20 };
    expect(() => extractCsv(bytesOf('a,b\n'.repeat(9)), tight)).toThrow(expect.objectContaining({ code: 'too-large' }));
    expect(() => extractCsv(bytesOf('\n\n'), limits)).toThrow(expect.objectContaining({ code: 'empty' }));
    expect(() => extractCsv(bytesOf(',\n,\n'), limits)).toThrow(expect.objectContaining({ code: 'no-text' }));
    expect(() => extractCsv(bytesOf('no table'), limits)).toThrow(expect.objectContaining({ code: 'damaged' }));
  });

  it('reads a table in which a quote is never closed', () => {
    expect(rows('a,b\n"never closed,1\n2,3')).toEqual(['a | b', '"never closed | 1', '2 | 3']);
  });
});
