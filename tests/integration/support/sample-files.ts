import { Document, HeadingLevel, Packer, Paragraph } from 'docx';
import { PDFDocument, StandardFonts } from 'pdf-lib';

/** A PDF with one line of text on each page; none for an empty line. */
export async function makePdf(lines: readonly string[]): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (const line of lines) {
    const page = pdf.addPage();
    if (line) page.drawText(line, { x: 50, y: 700, size: 12, font });
  }
  return pdf.save();
}

/** A Word file of one chapter. */
export async function makeDocx(heading: string, text: string): Promise<Uint8Array> {
  const children = [new Paragraph({ text: heading, heading: HeadingLevel.HEADING_1 }), new Paragraph(text)];
  return Packer.toBuffer(new Document({ sections: [{ children }] }));
}

/** A PDF that asks for a password. */
export async function makeEncryptedPdf(): Promise<Uint8Array> {
  const pdf = Buffer.from(await makePdf(['Secret'])).toString('latin1');
  const zeros = '0'.repeat(64);
  const encryption = `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${zeros}> /U <${zeros}> >> /ID [<00><00>]`;
  return plainTrailer(pdf, encryption);
}

/** pdf-lib keeps its trailer in a compressed stream, so the file is written again with a plain one. */
async function plainTrailer(latin1: string, entries: string): Promise<Uint8Array> {
  const pdf = await PDFDocument.load(Buffer.from(latin1, 'latin1'));
  const plain = Buffer.from(await pdf.save({ useObjectStreams: false })).toString('latin1');
  return Buffer.from(
    plain.replace(/trailer\s*<</, (start) => `${start} ${entries}`),
    'latin1',
  );
}
