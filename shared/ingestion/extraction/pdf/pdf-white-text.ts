import type { PdfTextItem } from './pdf-fragments.ts';
import type { PdfBox, PdfGlyph, PdfPainting } from './pdf-painting.ts';

/** Where along an item, and how high in it, its background is looked at. */
const PLACES = [0.1, 0.5, 0.9];
const MIDDLE = 0.3;
const MAX_BOXES = 5_000;
const UNCOMPARED = /[^\p{L}\p{N}\p{P}\p{S}]/gu;

/**
 * Leaves out white letters that stand on nothing but the page. Items and glyphs are two readings of the same text: where
 * they do not agree, nothing is left out.
 */
export function withoutWhite(items: readonly PdfTextItem[], { glyphs, painted }: PdfPainting): PdfTextItem[] {
  if (painted === null || painted.length > MAX_BOXES || !glyphs.some(({ white }) => white)) return [...items];
  const drawn = comparedGlyphs(glyphs);
  const kept: PdfTextItem[] = [];
  let at = 0;
  for (const item of items) {
    const letters = compared(item.str);
    const found = item.dir === 'rtl' ? findTurned(drawn.text, letters, at) : drawn.text.indexOf(letters, at);
    if (found === -1) return [...items];
    at = found + letters.length;
    const white = drawn.white.slice(found, at);
    if (!white.includes(true) || isPainted(item, painted)) kept.push(item);
    else if (white.includes(false)) kept.push({ ...item, str: withoutLetters(item, white) });
  }
  return kept;
}

function compared(text: string): string {
  return text.normalize('NFKD').replace(UNCOMPARED, '');
}

function comparedGlyphs(glyphs: readonly PdfGlyph[]): { readonly text: string; readonly white: readonly boolean[] } {
  const parts = glyphs.map(({ text, white }) => ({ letters: compared(text), white }));
  return {
    text: parts.map(({ letters }) => letters).join(''),
    white: parts.flatMap(({ letters, white }) => Array<boolean>(letters.length).fill(white)),
  };
}

/** Text from right to left was put in the order of reading, so only its letters are compared. */
function findTurned(text: string, letters: string, at: number): number {
  const sorted = (value: string) => value.split('').sort().join('');
  return sorted(text.slice(at, at + letters.length)) === sorted(letters) ? at : -1;
}

/** An item's text without its white letters; all of it when it cannot be told which these are. */
function withoutLetters({ str, dir }: PdfTextItem, white: readonly boolean[]): string {
  if (dir === 'rtl') return str;
  let at = 0;
  const letters = [...str].map((letter) => {
    const length = compared(letter).length;
    const isWhite = length > 0 && white.slice(at, at + length).every(Boolean);
    at += length;
    return isWhite ? ' ' : letter;
  });
  return at === white.length ? letters.join('').replace(/ {2,}/g, ' ') : str;
}

function isPainted({ transform, width }: PdfTextItem, painted: readonly PdfBox[]): boolean {
  const [a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = transform;
  const length = Math.hypot(a, b) || 1;
  return PLACES.some((place) => {
    const x = e + (place * width * a) / length + MIDDLE * c;
    const y = f + (place * width * b) / length + MIDDLE * d;
    return painted.some(({ x0, y0, x1, y1 }) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
  });
}
