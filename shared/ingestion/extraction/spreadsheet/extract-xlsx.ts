import { createDocumentBuilder } from '../document-builder.ts';
import type { ExtractedDocument } from '../extracted-document.ts';
import type { ParsingLimits } from '../extraction-limits.ts';
import { openOfficePackage } from '../office/office-package.ts';
import { rowText } from '../row-text.ts';
import { readCellLinks, readRows } from './xlsx-rows.ts';
import { readWorkbook } from './xlsx-workbook.ts';

/**
 * Reads an Excel workbook: each sheet a heading, each row a block. What is hidden, and comments, are left out.
 *
 * No formula is computed and no link followed. Throws `damaged`, `encrypted`, `too-large` or `no-text`.
 */
export function extractXlsx(bytes: Uint8Array, limits: ParsingLimits): ExtractedDocument {
  const file = openOfficePackage(bytes, limits.maxDecompressedBytes);
  const workbook = readWorkbook(file);
  const builder = createDocumentBuilder(limits.maxTextCharacters);
  for (const { name, part } of workbook.sheets) {
    let isNamed = false;
    const addRow = (cells: readonly string[]): void => {
      const text = rowText(cells);
      if (text === '') return;
      // A sheet without rows, such as one of charts, has nothing to be found by.
      if (!isNamed) builder.add({ kind: 'heading', text: name, level: 1 });
      isNamed = true;
      builder.add({ kind: 'table-row', text });
    };
    const xml = file.read(part);
    const urls = file.linksOf(part);
    readRows(xml, workbook, urls.size > 0 ? readCellLinks(xml, urls) : new Map(), addRow);
  }
  return builder.finish({
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    title: null,
    pageCount: null,
  });
}
