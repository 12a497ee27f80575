import {
  Document,
  FootnoteReferenceRun,
  HeadingLevel,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
} from 'docx';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { extractDocx } from '../../../../shared/ingestion/extraction/docx/extract-docx.ts';
import { blocksOf, limits } from './extracted-blocks.ts';

const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

function makeDocx(body: string, prologue = '', more: Record<string, Uint8Array> = {}): Uint8Array {
  const xml = `<?xml version="1.0"?>${prologue}<w:document ${W}><w:body>${body}</w:body></w:document>`;
  return zipSync({ '[Content_Types].xml': strToU8('<Types/>'), 'word/document.xml': strToU8(xml), ...more });
}

function paragraph(text: string): string {
  return `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
}

async function packed(): Promise<Uint8Array> {
  const cell = (text: string) => new TableCell({ children: [new Paragraph(text)] });
  const row = (...texts: string[]) => new TableRow({ children: texts.map(cell) });
  const document = new Document({
    footnotes: { 1: { children: [new Paragraph('Net of tax.')] } },
    sections: [
      {
        children: [
          new Paragraph({ text: 'Annual report', heading: HeadingLevel.TITLE }),
          new Paragraph({ text: 'Results', heading: HeadingLevel.HEADING_2 }),
          new Paragraph({ children: [new TextRun('Profit rose'), new FootnoteReferenceRun(1), new TextRun('.')] }),
          new Paragraph({ text: 'cheaper', bullet: { level: 0 } }),
          new Table({ rows: [row('Year', 'Profit'), row('2025', '7')] }),
        ],
      },
    ],
  });
  return new Uint8Array(await Packer.toBuffer(document));
}

describe('reading Word documents', () => {
  it('keeps headings, lists, tables and footnotes', async () => {
    const document = await extractDocx(await packed(), limits);
    expect(blocksOf(document)).toEqual([
      ['heading 1', 'Annual report'],
      ['heading 2', 'Results'],
      ['paragraph', 'Profit rose[1].'],
      ['paragraph', '[1] Net of tax.'],
      ['list-item', '- cheaper'],
      ['table-row', 'Year | Profit'],
      ['table-row', '2025 | 7'],
    ]);
    expect(document.title).toBe('Annual report');
  });

  it('reads tracked changes as accepted, text boxes as text, and leaves comments out', async () => {
    const box = `<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>${paragraph('In a box')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>`;
    const changed =
      '<w:p><w:r><w:t xml:space="preserve">We pay </w:t></w:r><w:del><w:r><w:delText>10</w:delText></w:r></w:del>' +
      '<w:ins><w:r><w:t>20</w:t></w:r></w:ins><w:r><w:commentReference w:id="0"/></w:r></w:p>';
    const comments = strToU8(
      `<w:comments ${W}><w:comment w:id="0">${paragraph('Secret remark')}</w:comment></w:comments>`,
    );
    const document = await extractDocx(makeDocx(changed + box, '', { 'word/comments.xml': comments }), limits);
    expect(document.text).toBe('We pay 20\n\nIn a box');
  });

  it('writes URLs after links, those of fields too', async () => {
    const rels = strToU8(
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" TargetMode="External" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="https://desk.example.com/"/></Relationships>',
    );
    const link = `<w:p><w:r><w:t xml:space="preserve">Ask </w:t></w:r><w:hyperlink r:id="r1" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:r><w:t>the desk</w:t></w:r></w:hyperlink></w:p>`;
    const document = await extractDocx(makeDocx(link, '', { 'word/_rels/document.xml.rels': rels }), limits);
    expect(document.text).toBe('Ask the desk (https://desk.example.com/)');
  });

  it('leaves out what is hidden, by itself or by its style', async () => {
    const run = (properties: string, text: string) =>
      `<w:r><w:rPr>${properties}</w:rPr><w:t xml:space="preserve">${text} </w:t></w:r>`;
    const body = `<w:p>${run('<w:vanish/>', 'evil')}${run('<w:vanish w:val="0"/>', 'one')}${run('<w:highlight w:val="yellow"/>', 'two')}${run(
      '<w:highlight w:val="red"/><w:vanish w:val="true"></w:vanish>',
      'evil',
    )}${run('<w:rStyle w:val="Ghost"/>', 'evil')}</w:p>`;
    const styles = strToU8(
      `<w:styles ${W}><w:style w:type="character" w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>`,
    );
    const rels = strToU8(
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>',
    );
    const parts = { 'word/styles.xml': styles, 'word/_rels/document.xml.rels': rels };
    expect((await extractDocx(makeDocx(body, '', parts), limits)).text).toBe('one two');
  });

  it('leaves out white text where nothing in the file can be behind it', async () => {
    const white = (properties = '') =>
      `<w:p><w:r><w:rPr><w:color w:val="FFFFFF" w:themeColor="background1"/>${properties}</w:rPr><w:t>evil orders</w:t></w:r></w:p>`;
    const shaded = '<w:shd w:val="clear" w:fill="1F3864"/>';
    const read = async (body: string) => (await extractDocx(makeDocx(paragraph('Seen') + body), limits)).text;
    expect(await read(white())).toBe('Seen');
    expect(await read(white('<w:shd w:val="clear" w:color="auto" w:fill="auto"/>'))).toBe('Seen');
    expect(await read(white().replace('FFFFFF', '00FFFFFF'))).toContain('evil orders');
    for (const backdrop of [shaded, '<w:highlight w:val="blue"/>']) {
      expect(await read(white(backdrop))).toContain('evil orders');
    }
    const row = `<w:tbl><w:tr><w:tc><w:tcPr>${shaded}</w:tcPr>${white()}</w:tc></w:tr></w:tbl>`;
    expect(await read(row)).toContain('evil orders');
  });

  it('reads tables in tables as part of their cell, and tables that only frame as what is in them', async () => {
    const cell = (content: string) => `<w:tc>${content}</w:tc>`;
    const table = (...rows: string[]) => `<w:tbl>${rows.map((cells) => `<w:tr>${cells}</w:tr>`).join('')}</w:tbl>`;
    const inner = table(cell(paragraph('deep')) + cell(paragraph('deeper')));
    const nested = table(cell(paragraph('outer') + inner) + cell(paragraph('beside')));
    const frame = table(cell(`<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>Framed</w:t></w:r></w:p>`));
    expect(blocksOf(await extractDocx(makeDocx(nested + frame), limits))).toEqual([
      ['table-row', 'outer deep deeper | beside'],
      ['heading 2', 'Framed'],
    ]);
  });

  it('reads pages that a document takes in, and nothing that lies outside', async () => {
    const rels = strToU8(
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk" Target="chunk.htm"/><Relationship Id="r2" TargetMode="External" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk" Target="http://127.0.0.1:9/a.htm"/></Relationships>',
    );
    const page = strToU8('<html><body><h2>Taken in</h2><p hidden>evil</p></body></html>');
    const parts = { 'word/_rels/document.xml.rels': rels, 'word/chunk.htm': page };
    expect(blocksOf(await extractDocx(makeDocx(paragraph('First'), '', parts), limits))).toEqual([
      ['paragraph', 'First'],
      ['heading 2', 'Taken in'],
    ]);
  });

  it('counts what is really inflated, whatever the archive declares', async () => {
    const bomb = makeDocx(paragraph('a'.repeat(5_000_000)));
    const declared = Buffer.from(bomb);
    for (let at = declared.indexOf('PK\u0001\u0002'); at !== -1; at = declared.indexOf('PK\u0001\u0002', at + 4)) {
      declared.writeUInt32LE(10, at + 24);
    }
    expect(bomb.byteLength).toBeLessThan(50_000);
    await expect(extractDocx(declared, { ...limits, maxDecompressedBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  it('refuses XML that declares entities', async () => {
    const prologue = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/passwd">]>';
    await expect(extractDocx(makeDocx(paragraph('&a;&b;'), prologue), limits)).rejects.toMatchObject({
      code: 'damaged',
    });
  });

  it('never follows a relationship out of the file', async () => {
    const rels = strToU8(
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" TargetMode="External" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="http://127.0.0.1:9/x.png"/></Relationships>',
    );
    const document = await extractDocx(
      makeDocx(paragraph('Only this'), '', { 'word/_rels/document.xml.rels': rels }),
      limits,
    );
    expect(document.text).toBe('Only this');
  });

  it('says why nothing came out', async () => {
    const whole = await packed();
    await expect(extractDocx(makeDocx('<w:p/>'), limits)).rejects.toMatchObject({ code: 'no-text' });
    await expect(extractDocx(whole.subarray(0, 900), limits)).rejects.toMatchObject({ code: 'damaged' });
    const { 'word/document.xml': _, ...rest } = unzipSync(whole);
    await expect(extractDocx(zipSync(rest), limits)).rejects.toMatchObject({ code: 'damaged' });
    await expect(extractDocx(makeDocx('<w:p><w:r>'), limits)).rejects.toMatchObject({ code: 'damaged' });
  });
});
