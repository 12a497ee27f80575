import { type PDFDocument, type PDFFont, StandardFonts } from 'pdf-lib';
import type { Run } from './read-source.ts';

export type Fonts = { regular: PDFFont; bold: PDFFont; italic: PDFFont; code: PDFFont };

/** A stretch of text in one font, or a raised footnote number. */
export type Piece = { text: string; font: PDFFont; width: number; raised: boolean };
export type Line = Piece[];

export async function embedFonts(document: PDFDocument): Promise<Fonts> {
  const [regular, bold, italic, code] = await Promise.all([
    document.embedFont(StandardFonts.Helvetica),
    document.embedFont(StandardFonts.HelveticaBold),
    document.embedFont(StandardFonts.HelveticaOblique),
    document.embedFont(StandardFonts.Courier),
  ]);
  return { regular, bold, italic, code };
}

const raisedScale = 0.65;

export function pieceSize(piece: Piece, size: number): number {
  return piece.raised ? size * raisedScale : size;
}

function fontOf(run: Run, fonts: Fonts): PDFFont {
  if (run.code) return fonts.code;
  if (run.bold) return fonts.bold;
  return run.italic ? fonts.italic : fonts.regular;
}

function piecesOf(run: Run, fonts: Fonts, size: number, footnoteNumber: (text: Run[]) => number): Piece[] {
  const raised = run.footnote !== undefined;
  const font = raised ? fonts.regular : fontOf(run, fonts);
  const text = run.footnote ? String(footnoteNumber(run.footnote)) : run.text;
  return (text.match(/\s+|\S+/g) ?? []).map((word) => {
    const width = font.widthOfTextAtSize(word, raised ? size * raisedScale : size);
    return { text: word, font, width, raised };
  });
}

function merged(pieces: Piece[]): Line {
  const line: Line = [];
  for (const piece of pieces) {
    const last = line.at(-1);
    if (last && last.font === piece.font && last.raised === piece.raised) {
      line[line.length - 1] = { ...last, text: last.text + piece.text, width: last.width + piece.width };
    } else {
      line.push(piece);
    }
  }
  return line;
}

/** Groups pieces that may not be torn apart: a word, its punctuation in another font and its footnote number. */
function wordsOf(pieces: Piece[]): Piece[][] {
  const words: Piece[][] = [];
  for (const piece of pieces) {
    const current = words.at(-1);
    const isSpace = piece.text.trim() === '';
    const afterSpace = current?.at(-1)?.text.trim() === '';
    if (current && !isSpace && !afterSpace) current.push(piece);
    else words.push([piece]);
  }
  return words;
}

const widthOf = (pieces: Piece[]): number => pieces.reduce((sum, piece) => sum + piece.width, 0);

/** Breaks runs into lines of at most `width` points; `footnoteNumber` is asked once for each footnote, in order. */
export function breakLines(
  runs: Run[],
  fonts: Fonts,
  size: number,
  width: number,
  footnoteNumber: (text: Run[]) => number,
): Line[] {
  const words = wordsOf(runs.flatMap((run) => piecesOf(run, fonts, size, footnoteNumber)));
  const lines: Line[] = [];
  let current: Piece[] = [];
  for (const word of words) {
    const isSpace = word.every((piece) => piece.text.trim() === '');
    if (isSpace && current.length === 0) continue;
    if (!isSpace && current.length > 0 && widthOf(current) + widthOf(word) > width) {
      lines.push(merged(current));
      current = [];
    }
    current.push(...word);
  }
  if (current.length > 0) lines.push(merged(current));
  return lines;
}
