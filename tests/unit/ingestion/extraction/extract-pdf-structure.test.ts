import { type PDFArray, type PDFDict, PDFDocument, PDFName, PDFNumber, PDFString } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { extractPdf } from '../../../../shared/ingestion/extraction/pdf/extract-pdf.ts';
import { blocksOf, bytesOf, limits } from './extracted-blocks.ts';
import { lines, makePdf, type ShownText } from './make-pdf.ts';
import { encryptedPdf, rawPdf, stream } from './make-raw-pdf.ts';

interface Bookmark {
  readonly title: string;
  readonly page: number;
  readonly children?: readonly Bookmark[];
}

async function withBookmarks(pages: ReadonlyArray<readonly ShownText[]>, bookmarks: readonly Bookmark[]) {
  const pdf = await PDFDocument.load(await makePdf(pages));
  const { context } = pdf;
  const addLevel = (items: readonly Bookmark[], parent: ReturnType<typeof context.nextRef>) => {
    const references = items.map(() => context.nextRef());
    for (const [index, { title, page, children = [] }] of items.entries()) {
      const reference = references[index] ?? context.nextRef();
      const below = addLevel(children, reference);
      const next = references[index + 1];
      const item = {
        Title: PDFString.of(title),
        Parent: parent,
        Dest: [pdf.getPage(page - 1).ref, 'Fit'],
        ...(next && { Next: next }),
        ...below,
      };
      context.assign(reference, context.obj(item));
    }
    const [first, last] = [references[0], references.at(-1)];
    return first && last ? { First: first, Last: last } : {};
  };
  const root = context.nextRef();
  context.assign(root, context.obj({ Type: 'Outlines', ...addLevel(bookmarks, root) }));
  pdf.catalog.set(PDFName.of('Outlines'), root);
  return pdf.save();
}

async function withLink(pages: ReadonlyArray<readonly ShownText[]>, url: string, ...rectangles: readonly number[][]) {
  const pdf = await PDFDocument.load(await makePdf(pages));
  const { context } = pdf;
  const annotations = rectangles.map((rectangle) =>
    context.register(
      context.obj({
        Type: 'Annot',
        Subtype: 'Link',
        Rect: rectangle.map((value) => PDFNumber.of(value)),
        A: context.obj({ Type: 'Action', S: 'URI', URI: PDFString.of(url) }) as PDFDict,
      }),
    ),
  );
  pdf.getPage(0).node.set(PDFName.of('Annots'), context.obj(annotations) as PDFArray);
  return pdf.save();
}

describe('the structure of PDFs', () => {
  it('makes headings of what bookmarks name, with their levels, though the letters are small', async () => {
    const pages = [
      lines(['1. Scope', 'This policy holds for all.', 'Exceptions', 'There are none.'], 50, 60),
      lines(['2. Payment of', 'claims', 'Within thirty days.'], 50, 60),
    ];
    const document = await extractPdf(
      await withBookmarks(pages, [
        { title: 'Scope', page: 1, children: [{ title: 'EXCEPTIONS', page: 1 }] },
        { title: '2. Payment of claims', page: 2 },
        { title: 'Not there', page: 2 },
      ]),
      limits,
    );
    expect(blocksOf(document)).toEqual([
      ['heading 1', '1. Scope'],
      ['paragraph', 'This policy holds for all.'],
      ['heading 2', 'Exceptions'],
      ['paragraph', 'There are none.'],
      ['heading 1', '2. Payment of claims'],
      ['paragraph', 'Within thirty days.'],
    ]);
  });

  it('gives headings that no bookmark names the level of those of their size', async () => {
    const heading = (text: string, y: number) => ({ text, x: 50, y, size: 16 });
    const pages = [
      [
        heading('Scope', 60),
        ...lines(['For all of us.'], 50, 90),
        heading('Money', 140),
        ...lines(['There is none.'], 50, 170),
      ],
    ];
    const document = await extractPdf(
      await withBookmarks(pages, [{ title: 'Handbook', page: 1, children: [{ title: 'Scope', page: 1 }] }]),
      limits,
    );
    expect(blocksOf(document).filter(([kind]) => kind.startsWith('heading'))).toEqual([
      ['heading 2', 'Scope'],
      ['heading 2', 'Money'],
    ]);
  });

  it('makes headings of what stands by itself in a font of its own, but not of captions or emphasis', async () => {
    const prose = [
      'Claims are paid within thirty days of receipt, by transfer.',
      'Receipts are needed above 25 euros, in all countries.',
    ];
    const bold = (text: string, y: number) => ({ text, x: 50, y, bold: true });
    const document = await extractPdf(
      await makePdf([
        [
          { text: 'Expenses', x: 50, y: 40, size: 18 },
          bold('2 Payment', 80),
          ...lines(prose, 50, 110),
          bold('Figure 1: Payments by month', 160),
          ...lines(prose, 50, 190),
          bold('This must never be forgotten.', 240),
          ...lines(prose, 50, 270),
          ...lines(prose, 50, 310),
        ],
      ]),
      limits,
    );
    expect(blocksOf(document).map(([kind, text]) => [kind, text.slice(0, 20)])).toEqual([
      ['heading 1', 'Expenses'],
      ['heading 2', '2 Payment'],
      ['paragraph', 'Claims are paid with'],
      ['paragraph', 'Figure 1: Payments b'],
      ['paragraph', 'Claims are paid with'],
      ['paragraph', 'This must never be f'],
      ['paragraph', 'Claims are paid with'],
      ['paragraph', 'Claims are paid with'],
    ]);
  });

  it('writes the URL of a link after the words that it covers', async () => {
    const page = lines(['Ask the travel desk before you book.'], 50, 60);
    const covered = await withLink([page], 'https://desk.example.com/', [70, 735, 138, 750]);
    expect((await extractPdf(covered, limits)).text).toBe(
      'Ask the travel desk (https://desk.example.com/) before you book.',
    );
  });

  it('writes the URL of a link over two lines once, and none that stands there already or runs something', async () => {
    const page = lines(['Ask the travel', 'desk first.'], 50, 60);
    const both = await withLink([page], 'https://desk.example.com/', [86, 738, 120, 750], [50, 726, 72, 737]);
    expect((await extractPdf(both, limits)).text).toBe('Ask the travel desk (https://desk.example.com/) first.');
    const shown = [lines(['See desk.example.com/travel for more.'], 50, 60)];
    const same = await withLink(shown, 'https://desk.example.com/travel', [68, 735, 170, 750]);
    expect((await extractPdf(same, limits)).text).toBe('See desk.example.com/travel for more.');
    const script = await withLink([page], 'javascript:evil()', [70, 735, 138, 750]);
    expect((await extractPdf(script, limits)).text).toBe('Ask the travel desk first.');
  });

  it('reads what was filled in in a form, but nothing that is hidden in it', async () => {
    const pdf = await PDFDocument.load(await makePdf([lines(['Name:', 'Reason of the journey:'], 50, 60)]));
    const form = pdf.getForm();
    const page = pdf.getPage(0);
    const add = (name: string, text: string, y: number) => {
      const field = form.createTextField(name);
      field.setText(text);
      field.addToPage(page, { x: 170, y, width: 200, height: 14 });
      return field;
    };
    add('name', 'Ada Lovelace', 737);
    add('reason', 'Fair', 725);
    for (const widget of add('trap', 'evil', 600).acroField.getWidgets()) widget.setFlags(2);
    const document = await extractPdf(await pdf.save(), limits);
    expect(document.text.replace(/\s+/g, ' ')).toBe('Name: | Ada Lovelace Reason of the journey: | Fair');
  });

  it('makes a row of three cells that stands alone', async () => {
    const row = ['Oslo', 'Hotel', '180'].map((text, index) => ({ text, x: 50 + index * 150, y: 80 }));
    const document = await extractPdf(await makePdf([[...lines(['Fares of today'], 50, 60), ...row]]), limits);
    expect(blocksOf(document)[1]).toEqual(['table-row', 'Oslo | Hotel | 180']);
  });

  it('reads fonts that only name a character map', async () => {
    const pdf = rawPdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
      stream('BT /F1 12 Tf 50 700 Td <4F60597D> Tj ET'),
      '<</Type/Font/Subtype/Type0/BaseFont/STSong/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>',
      '<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/FontDescriptor 7 0 R>>',
      '<</Type/FontDescriptor/FontName/STSong/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/StemV 80>>',
    ]);
    expect((await extractPdf(pdf, limits)).text).toBe('你好');
  });
});

describe('PDFs that resist', () => {
  it('reads one that only restricts copying, and refuses one that asks for a password', async () => {
    expect((await extractPdf(encryptedPdf('Read me', '', 'owner'), limits)).text).toBe('Read me');
    await expect(extractPdf(encryptedPdf('Read me', 'user', 'owner'), limits)).rejects.toMatchObject({
      code: 'encrypted',
    });
  });

  it.each([
    ['is lost', (pdf: string) => pdf.slice(0, pdf.indexOf('xref\n'))],
    ['has no key word', (pdf: string) => pdf.replace('trailer', '')],
    ['leads nowhere', (pdf: string) => pdf.replace('/Root 1 0 R', '/Root 1 0 ')],
  ])('reads one whose trailer %s', async (_, damage) => {
    const whole = rawPdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
      stream('BT /F1 12 Tf 50 700 Td (Still read) Tj ET'),
      '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ]);
    const damaged = bytesOf(damage(Buffer.from(whole).toString('latin1')));
    expect((await extractPdf(damaged, limits)).text).toBe('Still read');
  });

  it('refuses ten thousand pages before it reads one', async () => {
    const kids = Array.from({ length: 10_000 }, (_, index) => `${index + 3} 0 R`).join(' ');
    const page = '<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>';
    const objects = ['<</Type/Catalog/Pages 2 0 R>>', `<</Type/Pages/Count 10000/Kids[${kids}]>>`];
    const pdf = rawPdf([...objects, ...Array.from({ length: 10_000 }, () => page)]);
    await expect(extractPdf(pdf, limits)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('10000 pages'),
    });
  });

  it('ends on cross-references, bookmarks and forms that contain themselves', async () => {
    const page =
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<</X 7 0 R>>>>>>';
    const form = stream('/X Do', '/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 7 0 R>>>>');
    const pdf = rawPdf(
      [
        '<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>',
        '<</Type/Pages/Count 1/Kids[3 0 R]>>',
        page,
        stream('BT /F1 12 Tf 50 700 Td (Still read) Tj ET /X Do'),
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
        '<</Title(Still read)/First 6 0 R/Last 6 0 R/Next 6 0 R/Dest[3 0 R/Fit]>>',
        form,
      ],
      '/Prev 0',
    );
    const looping = Buffer.from(pdf);
    const start = /startxref\n(\d+)/.exec(looping.toString('latin1'))?.[1] ?? '';
    const text = looping.toString('latin1').replace('/Prev 0', `/Prev ${start}`);
    expect((await extractPdf(Buffer.from(text, 'latin1'), limits)).text).toBe('Still read');
  });

  it('says that a scan has no text', async () => {
    const image = stream(
      '\x00',
      '/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8',
    );
    const scan = rawPdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>',
      stream('q 600 0 0 800 0 0 cm /I Do Q'),
      image,
    ]);
    await expect(extractPdf(scan, limits)).rejects.toMatchObject({ code: 'no-text' });
  });
});
