import { linkText } from '../link-text.ts';
import { relationshipIdOf } from '../office/office-package.ts';
import { readXml, type XmlAttributes } from '../office/xml-events.ts';
import { formatNumber } from './format-number.ts';
import { GENERAL } from './number-format.ts';
import type { XlsxWorkbook } from './xlsx-workbook.ts';

/** More empty columns than this between two cells say nothing; nobody can make a row of 16,384 empty cells. */
const MAX_EMPTY_CELLS = 32;
const MAX_HIDDEN_RANGES = 1_000;

interface Cell {
  readonly column: number;
  readonly reference: string;
  readonly type: string;
  readonly style: number;
  text: string;
}

/**
 * Reads a sheet row by row, formulas by the value that they had last. Rows and columns that are hidden are left out.
 *
 * @param links URLs by cell, such as `B4`
 */
export function readRows(
  xml: Uint8Array,
  workbook: XlsxWorkbook,
  links: ReadonlyMap<string, string>,
  addRow: (cells: readonly string[]) => void,
): void {
  const row = createRow();
  let cell: Cell | null = null;
  let isText = false;
  let isPhonetic = false;
  readXml(xml, {
    open: (name, attributes) => {
      row.open(name, attributes);
      if (name === 'c') cell = startCell(attributes, row.nextColumn());
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 'v' || name === 't') isText = cell !== null && !isPhonetic;
    },
    text: (text) => {
      if (isText && cell) cell.text += text;
    },
    close: (name) => {
      if (name === 'v' || name === 't') isText = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'c' && cell) {
        row.add(cell.column, linkText(cellText(cell, workbook), links.get(cell.reference)));
        cell = null;
      } else if (name === 'row') addRow(row.end());
    },
  });
}

/** Gathers the cells of one row after another, each at its column. */
function createRow() {
  const hiddenColumns: Array<readonly [number, number]> = [];
  let cells: string[] = [];
  let firstColumn = 0;
  let nextColumn = 0;
  let isHidden = false;
  return {
    nextColumn: () => nextColumn,
    open: (name: string, attributes: XmlAttributes): void => {
      if (name === 'dimension') firstColumn = columnOf(attributes.ref) ?? 0;
      else if (name === 'col' && isTrue(attributes.hidden) && hiddenColumns.length < MAX_HIDDEN_RANGES)
        hiddenColumns.push([Number(attributes.min) - 1, Number(attributes.max) - 1]);
      else if (name === 'row') {
        cells = [];
        nextColumn = 0;
        isHidden = isTrue(attributes.hidden);
      }
    },
    add: (column: number, text: string): void => {
      const emptyCells = Math.min(column - Math.max(nextColumn, firstColumn), MAX_EMPTY_CELLS);
      nextColumn = column + 1;
      if (hiddenColumns.some(([from, to]) => column >= from && column <= to)) return;
      for (let index = 0; index < emptyCells; index += 1) cells.push('');
      cells.push(text);
    },
    end: (): readonly string[] => {
      const last = cells.findLastIndex((text) => text.trim() !== '');
      return isHidden ? [] : cells.slice(0, last + 1);
    },
  };
}

/** The links of a sheet, which stand after its rows. @param urls by relationship */
export function readCellLinks(xml: Uint8Array, urls: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const links = new Map<string, string>();
  readXml(xml, {
    open: (name, attributes) => {
      const url = name === 'hyperlink' ? urls.get(relationshipIdOf(attributes) ?? '') : undefined;
      if (url && attributes.ref) links.set(attributes.ref, url);
    },
  });
  return links;
}

function startCell({ r: reference = '', t: type = 'n', s: style }: XmlAttributes, nextColumn: number): Cell {
  return { column: columnOf(reference) ?? nextColumn, reference, type, style: Number(style ?? -1), text: '' };
}

/** 0 for `A7`, 27 for `AB7`. */
function columnOf(reference = ''): number | null {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0];
  if (!letters) return null;
  return [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function cellText({ text, type, style }: Pick<Cell, 'text' | 'type' | 'style'>, workbook: XlsxWorkbook): string {
  switch (type) {
    case 's':
      return workbook.sharedStrings[Number(text)] ?? '';
    case 'b':
      return text === '1' ? 'TRUE' : text === '' ? '' : 'FALSE';
    case 'd':
      return text.replace('T', ' ');
    case 'n':
      return numberText(text, style, workbook);
    default:
      return text;
  }
}

function numberText(text: string, style: number, { formats, startsIn1904 }: XlsxWorkbook): string {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? formatNumber(value, formats[style] ?? GENERAL, startsIn1904) : text;
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}
