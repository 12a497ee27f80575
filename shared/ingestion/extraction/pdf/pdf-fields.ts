import type { PdfTextItem } from './pdf-fragments.ts';

/** What pdf.js says of an annotation, by what is read here. */
export interface PdfAnnotation {
  readonly subtype?: string;
  readonly url?: string;
  readonly rect?: readonly number[];
  readonly fieldType?: string;
  readonly fieldValue?: unknown;
  readonly annotationFlags?: number;
  readonly password?: boolean;
}

const FILLED_IN = new Set(['Tx', 'Ch']);
/** Hidden, and not to be viewed (ISO 32000-1, 12.5.3). */
const UNSEEN_FLAGS = 2 | 32;
const LARGEST_SIZE = 11;
const LINE_STEP = 1.2;
const LETTER_WIDTH = 0.5;
const MAX_LINES = 200;

/** What was filled in in the fields of a form, as text at their places; what is hidden, and passwords, are left out. */
export function fieldTexts(annotations: readonly PdfAnnotation[]): PdfTextItem[] {
  return annotations.flatMap((annotation) => {
    const { subtype, fieldType = '', annotationFlags = 0, password, rect } = annotation;
    const isShown = (annotationFlags & UNSEEN_FLAGS) === 0 && !password;
    if (subtype !== 'Widget' || !FILLED_IN.has(fieldType) || !isShown || !rect) return [];
    return toItems(filledIn(annotation), rect);
  });
}

function filledIn({ fieldValue }: PdfAnnotation): string {
  const values: readonly unknown[] = Array.isArray(fieldValue) ? fieldValue : [fieldValue];
  return values.filter((value) => typeof value === 'string').join(', ');
}

function toItems(value: string, [x0 = 0, y0 = 0, , y1 = 0]: readonly number[]): PdfTextItem[] {
  const lines = value.split(/\r\n?|\n/).slice(0, MAX_LINES);
  const height = Math.abs(y1 - y0);
  const size = Math.max(1, Math.min(LARGEST_SIZE, height / LINE_STEP));
  // One line stands in the middle of its field, several begin at its top.
  const first = lines.length === 1 ? Math.min(y0, y1) + (height - size) / 2 + size / 4 : Math.max(y0, y1) - size;
  return lines.map((str, index) => ({
    str,
    dir: 'ltr',
    transform: [size, 0, 0, size, x0, first - index * size * LINE_STEP],
    width: str.length * size * LETTER_WIDTH,
    height: size,
    fontName: 'field',
  }));
}
