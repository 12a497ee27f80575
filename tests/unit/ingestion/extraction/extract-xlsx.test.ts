import { describe, expect, it } from 'vitest';
import { extractXlsx } from '../../../../shared/ingestion/extraction/spreadsheet/extract-xlsx.ts';
import { blocksOf, limits } from './extracted-blocks.ts';
import { type MadeSheet, makePackage, makeXlsx, relationships } from './make-office.ts';

const number = (reference: string, value: string | number, style = 0) =>
  `<c r="${reference}" s="${style}"><v>${value}</v></c>`;
const inline = (reference: string, text: string) => `<c r="${reference}" t="inlineStr"><is><t>${text}</t></is></c>`;
const row = (cells: string, attributes = '') => `<row ${attributes}>${cells}</row>`;
const sheet = (rows: string, more: Partial<MadeSheet> = {}): MadeSheet => ({
  name: 'Data',
  xml: `<sheetData>${rows}</sheetData>`,
  ...more,
});

/** The first row of a sheet whose cells have one number in the given formats. */
function shown(value: number, codes: readonly string[], properties = ''): string {
  const formats = codes.map((code, index) => `<numFmt numFmtId="${200 + index}" formatCode="${code}"/>`);
  const styles = codes.map((_, index) => `<xf numFmtId="${200 + index}"/>`);
  const cells = codes.map((_, index) => number(`${String.fromCharCode(65 + index)}1`, value, index));
  const document = extractXlsx(
    makeXlsx([sheet(row(cells.join('')))], {
      styles: `<numFmts>${formats.join('')}</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>${styles.join('')}</cellXfs>`,
      properties,
    }),
    limits,
  );
  return blocksOf(document)[1]?.[1] ?? '';
}

describe('reading workbooks', () => {
  it('makes headings of sheets and rows of rows, with shared, inline and computed strings', () => {
    const strings = '<si><t>City</t></si><si><r><t>Fa</t></r><r><t>re</t></r><rPh><t>read so</t></rPh></si>';
    const fares = sheet(
      row('<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>') +
        row(`${inline('A2', 'Oslo')}<c r="B2"><f>60*2</f><v>120</v></c>`) +
        row(`<c r="A3" t="str"><f>"Ber"&amp;"gen"</f><v>Bergen</v></c><c r="B3" t="b"><v>1</v></c>`),
      { name: 'Fares' },
    );
    const notes = sheet(row(inline('B2', 'Checked')), {
      name: 'Notes',
      xml: `<dimension ref="B2:C9"/><sheetData>${row(inline('B2', 'Checked') + inline('D2', 'twice'))}</sheetData>`,
    });
    const document = extractXlsx(makeXlsx([fares, notes, sheet('', { name: 'Empty' })], { strings }), limits);
    expect(blocksOf(document)).toEqual([
      ['heading 1', 'Fares'],
      ['table-row', 'City | Fare'],
      ['table-row', 'Oslo | 120'],
      ['table-row', 'Bergen | TRUE'],
      ['heading 1', 'Notes'],
      ['table-row', 'Checked |  | twice'],
    ]);
  });

  it('shows dates and times as such, whatever their format', () => {
    expect(
      shown(45_352.604_166_7, ['yyyy-mm-dd', 'd/m/yy h:mm', '[$-407]d. mmmm yyyy', 'mmm yy', 'h:mm:ss AM/PM']),
    ).toBe('2024-03-01 | 2024-03-01 14:30 | 2024-03-01 | 2024-03 | 14:30:00');
    expect(shown(1.5, ['[h]:mm', 'm:ss', 'yyyy-mm-dd', '&quot;day&quot; 0.0', '0.0 \\d'])).toBe(
      '36:00:00 | 12:00:00 | 1900-01-01 | 1.5 | 1.5',
    );
    expect(shown(61, ['yyyy-mm-dd'])).toBe('1900-03-01');
    expect(shown(0, ['yyyy-mm-dd'], '<workbookPr date1904="1"/>')).toBe('1904-01-01');
    expect(shown(99_999_999, ['yyyy-mm-dd'])).toBe('99999999');
  });

  it('shows percentages, currencies and decimals, without the noise of binary fractions', () => {
    expect(shown(0.256, ['0%', '0.00%', 'General', '0.0', '#,##0.00\\ [$€-407];[Red]-0', '&quot;$&quot;#,##0'])).toBe(
      '26% | 25.60% | 0.256 | 0.3 | 0.26 € | $0',
    );
    expect(shown(0.1 + 0.2, ['General', '0.##', '0.00E+00', '# ?/?'])).toBe('0.3 | 0.3 | 0.3 | 0.3');
    expect(shown(1_234_567.5, ['#,##0.00', '0'])).toBe('1234567.50 | 1234568');
  });

  it('knows the formats that have a number only', () => {
    const styles = '<cellXfs><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="21"/><xf numFmtId="58"/></cellXfs>';
    const cells = [0, 1, 2, 3].map((style) => number(`${'ABCD'[style]}1`, style === 1 ? 0.5 : 45_352.25, style));
    const document = extractXlsx(makeXlsx([sheet(row(cells.join('')))], { styles }), limits);
    expect(blocksOf(document)[1]).toEqual(['table-row', '2024-03-01 | 50.00% | 06:00:00 | 2024-03-01']);
  });

  it('leaves out hidden sheets, rows and columns', () => {
    const visible = sheet('', {
      xml: `<cols><col min="2" max="2" hidden="1"/></cols><sheetData>${
        row(inline('A1', 'seen') + inline('B1', 'evil') + inline('C1', 'too')) + row(inline('A2', 'evil'), 'hidden="1"')
      }</sheetData>`,
    });
    const hidden = ['hidden', 'veryHidden'].map((state) => sheet(row(inline('A1', 'evil')), { state }));
    expect(extractXlsx(makeXlsx([...hidden, visible]), limits).text).toBe('Data\n\nseen | too');
  });

  it('writes the URL of a link after its cell, and follows nothing', () => {
    const linked = sheet('', {
      xml: `<sheetData>${row(inline('A1', 'the desk') + inline('B1', 'x'))}</sheetData><hyperlinks><hyperlink ref="A1" r:id="l1"/><hyperlink ref="B1" location="Data!A1"/></hyperlinks>`,
      links: { l1: 'https://desk.example.com/' },
    });
    expect(extractXlsx(makeXlsx([linked]), limits).text).toBe('Data\n\nthe desk (https://desk.example.com/) | x');
  });

  it('bounds what a small file can ask for', () => {
    const far = sheet(Array.from({ length: 50 }, () => row(number('XFD1', 1))).join(''));
    expect(extractXlsx(makeXlsx([far]), limits).text.length).toBeLessThan(10_000);
    const long = makeXlsx([sheet(row(inline('A1', 'a'.repeat(5_000_000))))]);
    expect(long.byteLength).toBeLessThan(50_000);
    expect(() => extractXlsx(long, { ...limits, maxDecompressedBytes: 1_000_000 })).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
    expect(() => extractXlsx(long, { ...limits, maxTextCharacters: 1_000 })).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });

  it('refuses entities, and says what is damaged or empty', () => {
    const prologue = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/passwd">]>';
    const file = makeXlsx([sheet(row(inline('A1', 'x')))], { prologue, strings: '<si><t>&a;&b;</t></si>' });
    expect(() => extractXlsx(file, limits)).toThrow(expect.objectContaining({ code: 'damaged' }));
    expect(() => extractXlsx(makeXlsx([sheet('<row>')]), limits)).toThrow(expect.objectContaining({ code: 'damaged' }));
    expect(() => extractXlsx(makeXlsx([sheet('')]), limits)).toThrow(expect.objectContaining({ code: 'no-text' }));
    const headless = makePackage({
      '_rels/.rels': relationships({ id: 'm', type: 'officeDocument', target: 'xl/gone.xml' }),
    });
    expect(() => extractXlsx(headless, limits)).toThrow(expect.objectContaining({ code: 'damaged' }));
  });
});
