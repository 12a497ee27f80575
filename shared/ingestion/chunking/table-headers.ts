import type { ExtractedBlock, ExtractedDocument } from '../extraction/extracted-document.ts';
import type { CountTokens, Piece } from './piece.ts';

const CELL_BORDER = ' | ';
/** A table may begin with its title; its header is then the row after that. */
const ROWS_LOOKED_AT = 3;
/** A longer row is repeated nowhere: it would outweigh what follows. */
const LARGEST_SHARE = 0.25;

/** Tells the header of the table that a piece goes on with; null for one that is not in a table, or begins it. */
export type TableHeaderOf = (piece: Piece) => string | null;

/**
 * The header of a table is its first row with as many cells as the row that goes on: formats seldom say which one it is,
 * and to repeat a row that is none misleads nobody, as it is of the same table.
 */
export function tableHeaders(
  { text, blocks }: ExtractedDocument,
  maxTokens: number,
  count: CountTokens,
): TableHeaderOf {
  const firstRows = firstRowsOfTables(blocks);
  const textOf = ({ start, end }: ExtractedBlock) => text.slice(start, end);
  // One row may go on through many chunks, and one header heads many.
  const cellsOf = remembered((row) => textOf(row).split(CELL_BORDER).length);
  const isShort = remembered((row) => count(textOf(row)) <= LARGEST_SHARE * maxTokens);
  return ({ block }) => {
    const rows = firstRows.get(block);
    if (!rows) return null;
    const header = rows.find((row) => row.start < block.start && cellsOf(row) === cellsOf(block));
    return header && cellsOf(header) > 1 && isShort(header) ? textOf(header) : null;
  };
}

function remembered<T>(tell: (row: ExtractedBlock) => T): (row: ExtractedBlock) => T {
  const known = new Map<ExtractedBlock, T>();
  return (row) => {
    const told = known.get(row) ?? tell(row);
    known.set(row, told);
    return told;
  };
}

function firstRowsOfTables(blocks: readonly ExtractedBlock[]): Map<ExtractedBlock, readonly ExtractedBlock[]> {
  const firstRows = new Map<ExtractedBlock, readonly ExtractedBlock[]>();
  let rows: ExtractedBlock[] = [];
  for (const block of blocks) {
    if (block.kind !== 'table-row') {
      rows = [];
      continue;
    }
    if (rows.length < ROWS_LOOKED_AT) rows.push(block);
    firstRows.set(block, rows);
  }
  return firstRows;
}
