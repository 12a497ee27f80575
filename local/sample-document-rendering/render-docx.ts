import {
  AlignmentType,
  BorderStyle,
  Document,
  Footer,
  FootnoteReferenceRun,
  Header,
  HeadingLevel,
  LevelFormat,
  LineRuleType,
  Packer,
  PageNumber,
  Paragraph,
  ShadingType,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import type { Block, DocumentSource, Run } from './read-source.ts';

const font = 'Calibri';
const accent = '0D5C85';
const muted = '6B7280';
const headingLevels = [HeadingLevel.HEADING_1, HeadingLevel.HEADING_2, HeadingLevel.HEADING_3];

type Footnotes = Record<number, { children: Paragraph[] }>;

function textRuns(runs: Run[], footnotes: Footnotes): (TextRun | FootnoteReferenceRun)[] {
  return runs.map((run) => {
    if (!run.footnote) {
      return new TextRun({
        text: run.text,
        bold: run.bold,
        italics: run.italic,
        ...(run.code && { font: 'Consolas' }),
      });
    }
    const number = Object.keys(footnotes).length + 1;
    footnotes[number] = { children: [new Paragraph({ children: textRuns(run.footnote, footnotes) })] };
    return new FootnoteReferenceRun(number);
  });
}

function tableRow(cells: Run[][], isHead: boolean, footnotes: Footnotes): TableRow {
  const shading = { type: ShadingType.CLEAR, fill: 'EDF1F5', color: 'auto' };
  return new TableRow({
    // Written for the head only: readers such as mammoth take even tblHeader=false for a header row.
    ...(isHead && { tableHeader: true }),
    cantSplit: true,
    children: cells.map((runs) => {
      const styled = isHead ? runs.map((run) => ({ ...run, bold: true })) : runs;
      return new TableCell({
        children: [new Paragraph({ children: textRuns(styled, footnotes) })],
        margins: { top: 60, bottom: 60, left: 100, right: 100 },
        ...(isHead && { shading }),
      });
    }),
  });
}

function renderBlock(block: Block, index: number, footnotes: Footnotes): (Paragraph | Table)[] {
  switch (block.kind) {
    case 'heading': {
      const heading = headingLevels[block.level - 1] ?? HeadingLevel.HEADING_3;
      return [new Paragraph({ heading, keepNext: true, children: textRuns(block.runs, footnotes) })];
    }
    case 'paragraph':
      return [new Paragraph({ spacing: { after: 140 }, children: textRuns(block.runs, footnotes) })];
    case 'list':
      return block.items.map((item) => {
        const children = textRuns(item, footnotes);
        const spacing = { after: 60 };
        return block.ordered
          ? new Paragraph({ numbering: { reference: 'numbers', level: 0, instance: index }, spacing, children })
          : new Paragraph({ bullet: { level: 0 }, spacing, children });
      });
    case 'table': {
      const line = { style: BorderStyle.SINGLE, size: 4, color: 'C7CFD9' };
      const borders = {
        top: line,
        bottom: line,
        left: line,
        right: line,
        insideHorizontal: line,
        insideVertical: line,
      };
      const rows = block.rows.map((cells, row) => tableRow(cells, row === 0, footnotes));
      const width = { size: 100, type: WidthType.PERCENTAGE };
      return [new Table({ rows, width, borders }), new Paragraph({ spacing: { after: 140 } })];
    }
  }
}

const styles = {
  default: {
    document: { run: { font, size: 22 }, paragraph: { spacing: { line: 276, lineRule: LineRuleType.AUTO } } },
    title: { run: { font, size: 52, bold: true }, paragraph: { spacing: { after: 60 } } },
    heading1: {
      run: { font, size: 32, bold: true, color: accent },
      paragraph: { spacing: { before: 320, after: 120 } },
    },
    heading2: { run: { font, size: 26, bold: true }, paragraph: { spacing: { before: 220, after: 80 } } },
    heading3: { run: { font, size: 23, bold: true }, paragraph: { spacing: { before: 180, after: 60 } } },
  },
};

const numbering = {
  config: [
    {
      reference: 'numbers',
      levels: [
        {
          level: 0,
          format: LevelFormat.DECIMAL,
          text: '%1.',
          alignment: AlignmentType.START,
          style: { paragraph: { indent: { left: 720, hanging: 360 } } },
        },
      ],
    },
  ],
};

function header(source: DocumentSource): Header {
  const text = `Contoso GmbH  ·  ${source.title}`;
  return new Header({ children: [new Paragraph({ children: [new TextRun({ text, size: 16, color: muted })] })] });
}

function footer(source: DocumentSource): Footer {
  const children = [`${source.classification}  ·  Page `, PageNumber.CURRENT, ' of ', PageNumber.TOTAL_PAGES];
  return new Footer({ children: [new Paragraph({ children: [new TextRun({ children, size: 16, color: muted })] })] });
}

/** Renders a sample document as a Word file with real styles, tables and footnotes; its dates are those of the clock. */
export async function renderDocx(source: DocumentSource): Promise<Uint8Array> {
  const footnotes: Footnotes = {};
  const body = source.blocks.flatMap((block, index) => renderBlock(block, index, footnotes));
  const document = new Document({
    title: source.title,
    subject: source.subtitle,
    creator: 'Contoso GmbH',
    lastModifiedBy: 'Contoso GmbH',
    styles,
    numbering,
    footnotes,
    sections: [
      {
        headers: { default: header(source) },
        footers: { default: footer(source) },
        children: [
          new Paragraph({ heading: HeadingLevel.TITLE, text: source.title }),
          new Paragraph({
            spacing: { after: 240 },
            children: [new TextRun({ text: source.subtitle, color: muted, size: 24 })],
          }),
          ...body,
        ],
      },
    ],
  });
  return Packer.toBuffer(document);
}
