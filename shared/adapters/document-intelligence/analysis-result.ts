import { z } from 'zod';
import type { RecognizedText } from '../../ingestion/recognition/text-recognition.ts';

type Block = RecognizedText['blocks'][number];

const Span = z.object({ offset: z.number(), length: z.number() });
const Region = z.object({ pageNumber: z.number().int().min(1) });
const Cell = z.object({ rowIndex: z.number().int(), columnIndex: z.number().int(), content: z.string().default('') });

/** The parts of an `analyzeResult` that are read; see the REST API, 2024-11-30. */
export const AnalysisResult = z.object({
  pages: z.array(z.unknown()).default([]),
  paragraphs: z
    .array(
      z.object({
        content: z.string(),
        role: z.string().optional(),
        spans: z.array(Span).default([]),
        boundingRegions: z.array(Region).default([]),
      }),
    )
    .default([]),
  tables: z
    .array(
      z.object({
        cells: z.array(Cell).default([]),
        spans: z.array(Span).default([]),
        boundingRegions: z.array(Region).default([]),
      }),
    )
    .default([]),
});
export type AnalysisResult = z.infer<typeof AnalysisResult>;

interface Placed {
  readonly offset: number;
  readonly blocks: readonly Block[];
}

const HEADING_LEVELS: Readonly<Record<string, number>> = { title: 1, sectionHeading: 2 };
const FURNITURE = new Set(['pageHeader', 'pageFooter', 'pageNumber']);
const BULLET = /^(?:[•◦▪·●○■–-]|\(?\d{1,3}[.)])\s+\S/;

/** Headings, paragraphs and rows in the order of the text; what repeats on pages is left out. */
export function toRecognizedText({ pages, paragraphs, tables }: AnalysisResult): RecognizedText {
  const tableSpans = tables.flatMap(({ spans }) => spans);
  const isInTable = (offset: number) =>
    tableSpans.some((span) => offset >= span.offset && offset < span.offset + span.length);
  const texts = paragraphs
    .filter(({ role, spans }) => !FURNITURE.has(role ?? '') && !isInTable(spans[0]?.offset ?? -1))
    .map((paragraph): Placed => ({ offset: paragraph.spans[0]?.offset ?? 0, blocks: [toBlock(paragraph)] }));
  const rows = tables.map((table): Placed => ({ offset: table.spans[0]?.offset ?? 0, blocks: toRows(table) }));
  const inOrder = [...texts, ...rows].sort((one, other) => one.offset - other.offset);
  return { pageCount: pages.length, blocks: inOrder.flatMap(({ blocks }) => blocks) };
}

function toBlock({ content, role = '', boundingRegions }: AnalysisResult['paragraphs'][number]): Block {
  const page = boundingRegions[0]?.pageNumber;
  const level = HEADING_LEVELS[role];
  const kind = level ? 'heading' : BULLET.test(content) ? 'list-item' : 'paragraph';
  return { kind, text: content, ...(level && { level }), ...(page && { page }) };
}

function toRows({ cells, boundingRegions }: AnalysisResult['tables'][number]): Block[] {
  const page = boundingRegions[0]?.pageNumber;
  const rows = new Map<number, string[]>();
  const inOrder = [...cells].sort((one, other) => one.rowIndex - other.rowIndex || one.columnIndex - other.columnIndex);
  for (const { rowIndex, content } of inOrder) {
    const row = rows.get(rowIndex) ?? [];
    rows.set(rowIndex, row);
    row.push(content.replace(/\s+/g, ' ').trim());
  }
  const texts = [...rows.values()].filter((row) => row.some((text) => text !== ''));
  return texts.map((row) => ({ kind: 'table-row', text: row.join(' | '), ...(page && { page }) }));
}
