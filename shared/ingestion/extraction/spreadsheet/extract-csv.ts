import { parse } from 'csv-parse/sync';
import { cleanText } from '../clean-text.ts';
import { decodeText } from '../decode-text.ts';
import { createDocumentBuilder } from '../document-builder.ts';
import type { ExtractedDocument } from '../extracted-document.ts';
import { ExtractionError } from '../extraction-error.ts';
import type { ParsingLimits } from '../extraction-limits.ts';
import { rowText } from '../row-text.ts';
import { csvDelimiter, csvOptions, withoutDelimiterLine } from './csv-dialect.ts';

/**
 * Reads a table of comma, semicolon or tab separated values, one row a block.
 *
 * Throws `empty`, `no-text`, `too-large`, or `damaged` when its rows do not hold together.
 */
export function extractCsv(bytes: Uint8Array, { maxTextCharacters }: ParsingLimits): ExtractedDocument {
  const source = cleanText(decodeText(bytes));
  if (source.trim() === '') throw new ExtractionError('empty');
  if (source.length > maxTextCharacters) throw new ExtractionError('too-large');
  const delimiter = csvDelimiter(source);
  if (delimiter === null) throw new ExtractionError('damaged');
  const read = (quote: '"' | null): ExtractedDocument => {
    const builder = createDocumentBuilder(maxTextCharacters);
    const add = (cells: string[]): null => {
      builder.add({ kind: 'table-row', text: rowText(cells) });
      // Nothing is kept, or a million rows would be there twice.
      return null;
    };
    parse(withoutDelimiterLine(source), { ...csvOptions(delimiter), quote, on_record: add });
    return builder.finish({ mediaType: 'text/csv', title: null, pageCount: null });
  };
  try {
    return read('"');
  } catch (error) {
    if (error instanceof ExtractionError) throw error;
    // A quote that is never closed was none.
    return read(null);
  }
}
