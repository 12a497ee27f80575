import { PDFDocument, type PDFPage, rgb } from 'pdf-lib';
import { breakLines, embedFonts, type Fonts, type Line, pieceSize } from './pdf-text.ts';
import type { Block, DocumentSource, Run } from './read-source.ts';

const pageWidth = 595.28;
const pageHeight = 841.89;
const margin = 68;
const textWidth = pageWidth - 2 * margin;
const top = pageHeight - 92;
const bottom = 84;
const bodySize = 10.5;
const tableSize = 9.5;
const footnoteSize = 8;
const leading = 1.45;
const cellPadding = 5;
const indent = 16;

const ink = rgb(0.13, 0.15, 0.19);
const muted = rgb(0.42, 0.45, 0.5);
const accent = rgb(0.05, 0.36, 0.52);
const rule = rgb(0.78, 0.81, 0.85);
const shade = rgb(0.93, 0.95, 0.97);

const headingSizes: Record<number, number> = { 1: 17, 2: 12.5 };

type Flow = {
  document: PDFDocument;
  fonts: Fonts;
  page: PDFPage;
  y: number;
  footnoteCount: number;
  /** Lines at the foot of the current page; they take their room from the text above. */
  footnoteLines: Line[];
};

const footnoteRoom = (flow: Flow): number =>
  flow.footnoteLines.length === 0 ? 0 : 10 + flow.footnoteLines.length * footnoteSize * leading;

function drawLine(page: PDFPage, line: Line, x: number, y: number, size: number, color = ink): void {
  let offset = x;
  for (const piece of line) {
    const raise = piece.raised ? size * 0.35 : 0;
    page.drawText(piece.text, { x: offset, y: y + raise, size: pieceSize(piece, size), font: piece.font, color });
    offset += piece.width;
  }
}

function finishPage(flow: Flow): void {
  if (flow.footnoteLines.length === 0) return;
  let y = bottom + flow.footnoteLines.length * footnoteSize * leading - footnoteSize;
  flow.page.drawLine({
    start: { x: margin, y: y + footnoteSize + 4 },
    end: { x: margin + 120, y: y + footnoteSize + 4 },
    thickness: 0.5,
    color: muted,
  });
  for (const line of flow.footnoteLines) {
    drawLine(flow.page, line, margin, y, footnoteSize, muted);
    y -= footnoteSize * leading;
  }
  flow.footnoteLines = [];
}

function newPage(flow: Flow): void {
  finishPage(flow);
  flow.page = flow.document.addPage([pageWidth, pageHeight]);
  flow.y = top;
}

function ensureRoom(flow: Flow, height: number): void {
  if (flow.y - height < bottom + footnoteRoom(flow)) newPage(flow);
}

/** Breaks runs into lines and collects the lines of the footnotes that they refer to. */
function layOut(flow: Flow, runs: Run[], size: number, width: number): { lines: Line[]; footnotes: Line[] } {
  const footnotes: Line[] = [];
  const lines = breakLines(runs, flow.fonts, size, width, (text) => {
    flow.footnoteCount += 1;
    const label: Run = { text: `${flow.footnoteCount}  `, bold: false, italic: false, code: false };
    footnotes.push(...breakLines([label, ...text], flow.fonts, footnoteSize, textWidth, () => 0));
    return flow.footnoteCount;
  });
  return { lines, footnotes };
}

function drawParagraph(flow: Flow, runs: Run[], x: number, after: number, bullet = ''): void {
  const { lines, footnotes } = layOut(flow, runs, bodySize, textWidth - (x - margin));
  const height = lines.length * bodySize * leading;
  ensureRoom(flow, height + (footnotes.length > 0 ? 10 : 0) + footnotes.length * footnoteSize * leading);
  flow.footnoteLines.push(...footnotes);
  if (bullet) {
    flow.page.drawText(bullet, {
      x: x - 12,
      y: flow.y - bodySize,
      size: bodySize,
      font: flow.fonts.regular,
      color: ink,
    });
  }
  for (const line of lines) {
    drawLine(flow.page, line, x, flow.y - bodySize, bodySize);
    flow.y -= bodySize * leading;
  }
  flow.y -= after;
}

function drawHeading(flow: Flow, level: number, runs: Run[]): void {
  const size = headingSizes[level] ?? bodySize;
  const before = level === 1 ? 16 : 8;
  const bold = runs.map((run) => ({ ...run, bold: true }));
  const { lines } = layOut(flow, bold, size, textWidth);
  const roomForTextBelow = 4 * bodySize * leading;
  ensureRoom(flow, before + lines.length * size * leading + roomForTextBelow);
  if (flow.y < top) flow.y -= before;
  for (const line of lines) {
    drawLine(flow.page, line, margin, flow.y - size, size, level === 1 ? accent : ink);
    flow.y -= size * leading;
  }
  flow.y -= 4;
}

function columnWidths(flow: Flow, rows: Run[][][]): number[] {
  const longest = (rows[0] ?? []).map((_, column) =>
    Math.max(
      ...rows.map((row) => {
        const text = (row[column] ?? []).map((run) => run.text).join('');
        return flow.fonts.bold.widthOfTextAtSize(text, tableSize) + 2 * cellPadding;
      }),
    ),
  );
  const total = longest.reduce((sum, width) => sum + width, 0);
  return longest.map((width) => (width / total) * textWidth);
}

function drawRow(flow: Flow, row: Run[][], widths: number[], isHead: boolean): void {
  const cells = row.map((runs, column) => {
    const styled = isHead ? runs.map((run) => ({ ...run, bold: true })) : runs;
    return layOut(flow, styled, tableSize, (widths[column] ?? 0) - 2 * cellPadding).lines;
  });
  const height = Math.max(...cells.map((lines) => lines.length)) * tableSize * leading + 2 * cellPadding - 3;
  ensureRoom(flow, height);
  if (isHead) {
    flow.page.drawRectangle({ x: margin, y: flow.y - height, width: textWidth, height, color: shade });
  }
  let x = margin;
  for (const [column, lines] of cells.entries()) {
    for (const [index, line] of lines.entries()) {
      const y = flow.y - cellPadding - tableSize + 1 - index * tableSize * leading;
      drawLine(flow.page, line, x + cellPadding, y, tableSize);
    }
    x += widths[column] ?? 0;
  }
  flow.y -= height;
  flow.page.drawLine({
    start: { x: margin, y: flow.y },
    end: { x: margin + textWidth, y: flow.y },
    thickness: 0.5,
    color: rule,
  });
}

function drawTable(flow: Flow, rows: Run[][][]): void {
  const [head, ...body] = rows;
  if (!head) return;
  const widths = columnWidths(flow, rows);
  ensureRoom(flow, 3 * (tableSize * leading + 2 * cellPadding));
  drawRow(flow, head, widths, true);
  for (const row of body) {
    const pageBefore = flow.page;
    ensureRoom(flow, 2 * tableSize * leading + 2 * cellPadding);
    if (flow.page !== pageBefore) drawRow(flow, head, widths, true);
    drawRow(flow, row, widths, false);
  }
  flow.y -= 12;
}

function drawBlock(flow: Flow, block: Block): void {
  switch (block.kind) {
    case 'heading':
      drawHeading(flow, block.level, block.runs);
      break;
    case 'paragraph':
      drawParagraph(flow, block.runs, margin, 7);
      break;
    case 'list':
      for (const [index, item] of block.items.entries()) {
        drawParagraph(flow, item, margin + indent, 2, block.ordered ? `${index + 1}.` : '•');
      }
      flow.y -= 6;
      break;
    case 'table':
      drawTable(flow, block.rows);
  }
}

function drawTitle(flow: Flow, source: DocumentSource): void {
  const { regular, bold } = flow.fonts;
  flow.page.drawRectangle({ x: margin, y: flow.y - 2, width: 42, height: 4, color: accent });
  flow.page.drawText(source.title, { x: margin, y: flow.y - 38, size: 26, font: bold, color: ink });
  flow.page.drawText(source.subtitle, { x: margin, y: flow.y - 60, size: 12, font: regular, color: muted });
  flow.y -= 84;
}

function drawHeadersAndFooters(flow: Flow, source: DocumentSource): void {
  const { regular } = flow.fonts;
  const pages = flow.document.getPages();
  for (const [index, page] of pages.entries()) {
    const style = { size: 8, font: regular, color: muted };
    const pageNumber = `Page ${index + 1} of ${pages.length}`;
    const right = (text: string) => pageWidth - margin - regular.widthOfTextAtSize(text, 8);
    page.drawText('Contoso GmbH', { x: margin, y: pageHeight - 52, ...style });
    page.drawText(source.title, { x: right(source.title), y: pageHeight - 52, ...style });
    page.drawText(source.classification, { x: margin, y: 46, ...style });
    page.drawText(pageNumber, { x: right(pageNumber), y: 46, ...style });
    for (const y of [pageHeight - 60, 60]) {
      page.drawLine({ start: { x: margin, y }, end: { x: pageWidth - margin, y }, thickness: 0.5, color: rule });
    }
  }
}

/** Renders a sample document as an A4 PDF with running headers and footers; the same source and date give the same bytes. */
export async function renderPdf(source: DocumentSource, date: Date): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  document.setTitle(source.title);
  document.setSubject(source.subtitle);
  document.setAuthor('Contoso GmbH');
  document.setLanguage('en');
  document.setCreationDate(date);
  document.setModificationDate(date);
  const fonts = await embedFonts(document);
  const page = document.addPage([pageWidth, pageHeight]);
  const flow: Flow = { document, fonts, page, y: top, footnoteCount: 0, footnoteLines: [] };
  drawTitle(flow, source);
  for (const block of source.blocks) drawBlock(flow, block);
  finishPage(flow);
  drawHeadersAndFooters(flow, source);
  return document.save();
}
