import { PDFDocument } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { extractPdf } from '../../../../shared/ingestion/extraction/pdf/extract-pdf.ts';
import { limits } from './extracted-blocks.ts';
import { makePdf } from './make-pdf.ts';
import { rawPdf, stream } from './make-raw-pdf.ts';

/** One page of 600 by 800 points with what is drawn on it. */
function page(content: string, { boxes = '', resources = '' } = {}): Uint8Array {
  return rawPdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Count 1/Kids[3 0 R]>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]${boxes}/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>${resources}>>>>`,
    stream(content),
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]);
}

function text(words: string, x: number, y: number, before = '/F1 12 Tf'): string {
  return `BT ${before} ${x} ${y} Td (${words}) Tj ET\n`;
}

async function read(pdf: Uint8Array): Promise<string> {
  return (await extractPdf(pdf, limits)).text;
}

const SEEN = text('Seen', 50, 700);

describe('what a reader of a PDF cannot see', () => {
  it.each([
    ['letters of a point', text('evil orders', 50, 600, '/F1 1 Tf')],
    ['letters of no size', text('evil orders', 50, 600, '/F1 0 Tf')],
    ['letters made small by a matrix', `q .02 0 0 .02 0 0 cm ${text('evil orders', 2500, 30_000)} Q`],
    ['letters without width', text('evil orders', 50, 600, '/F1 12 Tf .1 Tz')],
    ['a place left of the page', text('evil orders', -200, 600)],
    ['a place above the page', text('evil orders', 50, 900)],
  ])('is left out: %s', async (_, hidden) => {
    expect(await read(page(SEEN + hidden))).toBe('Seen');
  });

  it('is left out: what the crop box cuts off', async () => {
    const content = SEEN + text('evil orders', 50, 100);
    expect(await read(page(content, { boxes: '/CropBox[0 400 600 800]' }))).toBe('Seen');
  });

  it('is left out: a field beside the page', async () => {
    const pdf = await PDFDocument.load(await makePdf([[{ text: 'Seen', x: 50, y: 100 }]]));
    const field = pdf.getForm().createTextField('trap');
    field.setText('evil orders');
    field.addToPage(pdf.getPage(0), { x: 700, y: 500, width: 200, height: 14 });
    expect(await read(await pdf.save())).toBe('Seen');
  });

  it('is not: small print, letters of a page that is small itself, and text that OCR draws invisibly', async () => {
    expect(await read(page(text('Small print', 50, 700, '/F1 3 Tf')))).toBe('Small print');
    const inches = { boxes: '/CropBox[0 0 6 8]' };
    expect(await read(page(text('Inches', 1, 4, '/F1 .2 Tf'), inches))).toBe('Inches');
    expect(await read(page(text('Scanned', 50, 700, '/F1 12 Tf 3 Tr')))).toBe('Scanned');
  });
});
