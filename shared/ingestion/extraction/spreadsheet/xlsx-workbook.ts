import { type OfficePackage, type Relationship, relationshipIdOf } from '../office/office-package.ts';
import { readXml } from '../office/xml-events.ts';
import { GENERAL, type NumberFormat, parseNumberFormat } from './number-format.ts';

export interface XlsxSheet {
  readonly name: string;
  readonly part: string;
}

export interface XlsxWorkbook {
  /** In their order; hidden ones are not among them. */
  readonly sheets: readonly XlsxSheet[];
  /** Whether days are counted from 1904, as old Macs did. */
  readonly startsIn1904: boolean;
  readonly sharedStrings: readonly string[];
  /** By the number of a cell's style. */
  readonly formats: readonly NumberFormat[];
}

/** Reads what all sheets need. Throws `damaged` or `too-large`. */
export function readWorkbook(file: OfficePackage): XlsxWorkbook {
  const main = file.mainPart('xl/workbook.xml');
  const relationships = file.relationshipsOf(main);
  const partOf = (type: string) => relationships.find((one) => one.type === type && file.has(one.part))?.part;
  const strings = partOf('sharedStrings');
  const styles = partOf('styles');
  return {
    ...readSheets(file.read(main), relationships),
    sharedStrings: strings ? readStrings(file.read(strings)) : [],
    formats: styles ? readFormats(file.read(styles)) : [],
  };
}

function readSheets(xml: Uint8Array, relationships: readonly Relationship[]) {
  const sheets: XlsxSheet[] = [];
  let startsIn1904 = false;
  readXml(xml, {
    open: (name, attributes) => {
      if (name === 'workbookPr') startsIn1904 = /^(?:1|true)$/.test(attributes.date1904 ?? '');
      if (name !== 'sheet' || (attributes.state ?? 'visible') !== 'visible') return;
      const target = relationships.find(({ id }) => id === relationshipIdOf(attributes));
      if (target?.type === 'worksheet') sheets.push({ name: attributes.name ?? '', part: target.part });
    },
  });
  return { sheets, startsIn1904 };
}

/** The strings that cells name by number; how Japanese words are said is not part of them. */
function readStrings(xml: Uint8Array): string[] {
  const strings: string[] = [];
  let current = '';
  let isText = false;
  let isPhonetic = false;
  readXml(xml, {
    open: (name) => {
      if (name === 'si') current = '';
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 't') isText = !isPhonetic;
    },
    text: (text) => {
      if (isText) current += text;
    },
    close: (name) => {
      if (name === 'si') strings.push(current);
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 't') isText = false;
    },
  });
  return strings;
}

function readFormats(xml: Uint8Array): NumberFormat[] {
  const codes = new Map<number, string>();
  const formats: NumberFormat[] = [];
  let isCellFormats = false;
  readXml(xml, {
    open: (name, { numFmtId, formatCode }) => {
      if (name === 'cellXfs') isCellFormats = true;
      if (name === 'numFmt' && formatCode !== undefined) codes.set(Number(numFmtId), formatCode);
      if (name !== 'xf' || !isCellFormats) return;
      const id = Number(numFmtId ?? 0);
      formats.push(id === 0 ? GENERAL : parseNumberFormat(id, codes.get(id)));
    },
    close: (name) => {
      if (name === 'cellXfs') isCellFormats = false;
    },
  });
  return formats;
}
