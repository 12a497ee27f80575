import type { PdfTextItem } from './pdf-fragments.ts';

/** The corners of a page's crop box, in points. */
export type PdfView = readonly number[];

// Letters of a point cannot be read on paper, nor on a screen that shows the whole page.
const SMALLEST_POINTS = 1.2;
const SMALLEST_SHARE_OF_PAGE = 1 / 700;
const WIDEST_ADVANCE = 3;
const NARROWEST_ADVANCE = 1 / 4;
const SURELY_SQUEEZED = 4;

/** Leaves out letters of nearly no size, which a reader cannot see, and a file may have for a model. */
export function legible(
  items: readonly PdfTextItem[],
  view: PdfView,
  isVertical: (fontName: string) => boolean,
): PdfTextItem[] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = view;
  const longerSide = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  const smallest = Math.min(SMALLEST_POINTS, longerSide * SMALLEST_SHARE_OF_PAGE);
  return items.filter(({ str, transform, width, height, fontName }) => {
    const [, , c = 0, d = 0] = transform;
    const advance = (isVertical(fontName) ? height : width) / Math.max(1, str.length);
    // The size of letters that the file draws itself (Type 3) says little, so their width has to be small too.
    if (Math.hypot(c, d) < smallest && advance < smallest * WIDEST_ADVANCE) return str.trim() === '';
    return str.length < SURELY_SQUEEZED || advance >= smallest * NARROWEST_ADVANCE || str.trim() === '';
  });
}

/** Whether any of a rectangle lies within the page. */
export function isOnPage([x0 = 0, y0 = 0, x1 = 0, y1 = 0]: readonly number[], view: PdfView): boolean {
  const [left = 0, bottom = 0, right = 0, top = 0] = view;
  return Math.max(x0, x1) > left && Math.min(x0, x1) < right && Math.max(y0, y1) > bottom && Math.min(y0, y1) < top;
}
