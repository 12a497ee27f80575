import { degrees, PDFDocument, StandardFonts } from 'pdf-lib';

export interface ShownText {
  readonly text: string;
  readonly x: number;
  /** From the top of the page, in points. */
  readonly y: number;
  readonly size?: number;
  readonly rotation?: number;
  readonly bold?: boolean;
}

const PAGE_WIDTH = 600;
const PAGE_HEIGHT = 800;

/** Makes a PDF whose pages show the given strings at the given places. */
export async function makePdf(pages: ReadonlyArray<readonly ShownText[]>, title?: string): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  if (title) pdf.setTitle(title);
  const plain = await pdf.embedFont(StandardFonts.Helvetica);
  const heavy = await pdf.embedFont(StandardFonts.HelveticaBold);
  for (const shown of pages) {
    const page = pdf.addPage([PAGE_WIDTH, PAGE_HEIGHT]);
    for (const { text, x, y, size = 10, rotation = 0, bold } of shown) {
      page.drawText(text, { x, y: PAGE_HEIGHT - y, size, font: bold ? heavy : plain, rotate: degrees(rotation) });
    }
  }
  return pdf.save();
}

/** Lines below one another, 12 points apart. */
export function lines(texts: readonly string[], x: number, y: number): ShownText[] {
  return texts.map((text, index) => ({ text, x, y: y + index * 12 }));
}
