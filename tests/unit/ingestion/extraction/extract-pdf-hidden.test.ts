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
    stream('\x00', '/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8'),
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

  const WHITE = text('evil orders', 50, 600, '1 1 1 rg /F1 12 Tf');

  it.each([
    ['RGB', WHITE],
    ['grey', text('evil orders', 50, 600, '1 g /F1 12 Tf')],
    ['CMYK', text('evil orders', 50, 600, '0 0 0 0 k /F1 12 Tf')],
    ['a colour space', text('evil orders', 50, 600, '/DeviceRGB cs .99 1 1 sc /F1 12 Tf')],
    ['on white', `1 g 0 0 600 800 re f ${WHITE}`],
    ['beside something dark', `0 g 0 0 600 500 re f ${WHITE}`],
    ['in a frame', `1 w 40 590 200 30 re S ${WHITE}`],
    ['on a line between other words', `1 g ${text('evil orders', 82, 700)}`],
  ])('is left out: white letters on the page, %s', async (_, hidden) => {
    expect(await read(page(SEEN + hidden))).toBe('Seen');
  });

  it('is left out: the white part of what the file shows in one go', async () => {
    const both = '0 g BT /F1 12 Tf 50 700 Td (We pay ) Tj 1 g (evil orders ) Tj 0 g (twenty.) Tj ET';
    expect(await read(page(both))).toBe('We pay twenty.');
  });

  it('is left out: white letters in a compressed stream, and in a form that takes its colour from the page', async () => {
    const pdf = await PDFDocument.load(page(SEEN));
    const form = pdf.context.flateStream(text('evil orders', 50, 600), {
      Type: 'XObject',
      Subtype: 'Form',
      BBox: [0, 0, 600, 800],
      Resources: pdf.getPage(0).node.Resources() ?? {},
    });
    pdf.getPage(0).node.newXObject('X', pdf.context.register(form));
    pdf.getPage(0).node.addContentStream(pdf.context.register(pdf.context.flateStream('1 g /X Do')));
    expect(await read(await pdf.save())).toBe('Seen');
  });

  const PICTURE = '/XObject<</I 6 0 R>>';

  it.each([
    ['a dark box', `0 0 .4 rg 40 590 200 30 re f ${WHITE}`, ''],
    ['a dark box that is drawn in a form', `q .5 g 1 0 0 1 40 590 cm 0 0 200 30 re f Q ${WHITE}`, ''],
    ['a thick dark line', `30 w 40 605 m 240 605 l S ${WHITE}`, ''],
    ['a picture', `q 600 0 0 800 0 0 cm /I Do Q ${WHITE}`, PICTURE],
    ['a picture that covers it, as after OCR', `${WHITE} q 600 0 0 800 0 0 cm /I Do Q`, PICTURE],
    ['a dark frame of its letters', text('evil orders', 50, 600, '1 g 2 Tr /F1 12 Tf'), ''],
  ])('is not: white letters on %s', async (_, content, resources) => {
    expect(await read(page(content, { resources }))).toBe('evil orders');
  });

  it('is not: white letters that end before others begin', async () => {
    expect(await read(page(`q 1 g Q ${SEEN} q 1 g 0 0 9 9 re f Q ${text('Also seen', 50, 650)}`))).toBe(
      'Seen\n\nAlso seen',
    );
  });
});
