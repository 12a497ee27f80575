import { describe, expect, it } from 'vitest';
import { extractPdf } from '../../../../shared/ingestion/extraction/pdf/extract-pdf.ts';
import { blocksOf, bytesOf, limits } from './extracted-blocks.ts';
import { lines, makePdf } from './make-pdf.ts';

async function extract(...pages: Parameters<typeof makePdf>[0]) {
  return extractPdf(await makePdf(pages), limits);
}

function column(word: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `the ${word} column goes on in its line ${index + 1} with words`);
}

describe('reading PDFs', () => {
  it('makes paragraphs of lines, headings of larger letters, and keeps the page', async () => {
    const document = await extract(
      [
        { text: 'Expenses', x: 50, y: 60, size: 18 },
        ...lines(['Claims are paid within', 'thirty days of receipt.'], 50, 90),
        ...lines(['Receipts are needed above 25 euros.'], 50, 140),
      ],
      lines(['Contact the finance team.'], 50, 60),
    );
    expect(blocksOf(document)).toEqual([
      ['heading 1', 'Expenses'],
      ['paragraph', 'Claims are paid within thirty days of receipt.'],
      ['paragraph', 'Receipts are needed above 25 euros.'],
      ['paragraph', 'Contact the finance team.'],
    ]);
    expect(document.blocks.map(({ page }) => page)).toEqual([1, 1, 1, 2]);
    expect(document.pageCount).toBe(2);
  });

  it('reads one column after the other, below a title that spans both', async () => {
    const { text } = await extract([
      { text: 'A title that spans both of the columns of this page, from left to right', x: 50, y: 50, size: 14 },
      ...column('left', 6).flatMap((left, index) => [
        { text: left, x: 40, y: 90 + index * 12 },
        { text: column('right', 6)[index] ?? '', x: 310, y: 90 + index * 12 },
      ]),
    ]);
    expect(text.indexOf('A title')).toBe(0);
    expect(text.indexOf('left column goes on in its line 6')).toBeLessThan(
      text.indexOf('right column goes on in its line 1'),
    );
  });

  it('makes rows of tables', async () => {
    const cells = [
      ['Country', 'Hotel', 'Meals'],
      ['Norway', '180', '95'],
      ['Spain', '120', '60'],
    ];
    const document = await extract(
      cells.flatMap((row, y) => row.map((text, x) => ({ text, x: 50 + x * 150, y: 60 + y * 14 }))),
    );
    expect(blocksOf(document)).toEqual(cells.map((row) => ['table-row', row.join(' | ')]));
  });

  it('mends words that a line end cut, but not compounds', async () => {
    const { text } = await extract(
      lines(['A well-known rule says that a docu-', 'ment about a well-', 'known thing is read.'], 50, 60),
    );
    expect(text).toBe('A well-known rule says that a document about a well-known thing is read.');
  });

  it('leaves out headers and page numbers that repeat', async () => {
    const pages = ['Alpha', 'Beta', 'Gamma', 'Delta'].map((word, index) => [
      { text: 'Company handbook', x: 50, y: 30 },
      ...lines(
        [`${word} begins here.`, 'It has a body', 'of some lines', 'which differ:', `${word}.`],
        50,
        100 + index * 20,
      ),
      { text: `Page ${index + 1} of 4`, x: 280, y: 780 },
    ]);
    const { text } = await extract(...pages);
    expect(text).not.toContain('handbook');
    expect(text).not.toContain('Page');
    expect(text).toContain('Delta begins here.');
  });

  it('keeps figures that stand at the same place on each page, and the header of a table once', async () => {
    const pages = [10, 25, 31].map((total, index) => [
      ...['Item', 'Price', 'Paid'].map((text, x) => ({ text, x: 50 + x * 150, y: 40 })),
      ...['Chair', `${total}.50`, 'yes'].map((text, x) => ({ text, x: 50 + x * 150, y: 54 })),
      { text: `Total: ${total}.50`, x: 50, y: 90 },
      { text: `- ${['iv', 'v', 'vi'][index]} -`, x: 280, y: 780 },
    ]);
    expect(blocksOf(await extract(...pages)).map(([, text]) => text)).toEqual([
      'Item | Price | Paid',
      'Chair | 10.50 | yes',
      'Total: 10.50',
      'Chair | 25.50 | yes',
      'Total: 25.50',
      'Chair | 31.50 | yes',
      'Total: 31.50',
    ]);
  });

  it('reads text that is turned', async () => {
    const { text } = await extract([
      { text: 'Turned words', x: 300, y: 500, rotation: 90 },
      { text: 'go on here', x: 312, y: 500, rotation: 90 },
    ]);
    expect(text).toBe('Turned words go on here');
  });

  it('takes the title from the file, unless it is a file name', async () => {
    const page = [{ text: 'Words', x: 50, y: 50 }];
    expect((await extractPdf(await makePdf([page], 'Travel policy'), limits)).title).toBe('Travel policy');
    expect((await extractPdf(await makePdf([page], 'final_v3.docx'), limits)).title).toBeNull();
  });

  it('says why nothing came out', async () => {
    const pdf = await makePdf([[], []]);
    await expect(extractPdf(pdf.slice(), limits)).rejects.toMatchObject({ code: 'no-text' });
    await expect(extractPdf(pdf.slice(), { ...limits, maxPages: 1 })).rejects.toMatchObject({ code: 'too-large' });
    await expect(extractPdf(bytesOf('%PDF-1.7\nnothing else'), limits)).rejects.toMatchObject({ code: 'damaged' });
    await expect(extractPdf(encryptedPdf(), limits)).rejects.toMatchObject({ code: 'encrypted' });
  });

  it('ends on a page tree that contains itself', async () => {
    const looping = bytesOf(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 2/Kids[2 0 R 2 0 R]>>endobj\ntrailer<</Root 1 0 R>>',
    );
    await expect(extractPdf(looping, limits)).rejects.toMatchObject({ name: 'ExtractionError' });
  });
});

function encryptedPdf(): Uint8Array {
  const key = '00'.repeat(32);
  return bytesOf(
    '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n' +
      `3 0 obj<</Filter/Standard/V 1/R 2/P -4/O<${key}>/U<${key}>>>endobj\n` +
      'trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>',
  );
}
