import { getResolvedPDFJS } from 'unpdf';
import type { PDFPageProxy } from 'unpdf/pdfjs';
import { fieldTexts, type PdfAnnotation } from './pdf-fields.ts';
import type { PdfTextItem } from './pdf-fragments.ts';
import { isOnPage, legible } from './pdf-legible.ts';
import { type PdfLink, withLinks } from './pdf-links.ts';
import { readPainting } from './pdf-painting.ts';
import { withoutWhite } from './pdf-white-text.ts';

/**
 * The text of a page that a reader of it can see, with the URLs of its links and what was filled in.
 *
 * @param mayBeWhite whether to look for white text on the bare page, which takes about a third longer
 */
export async function readPageItems(page: PDFPageProxy, mayBeWhite: boolean): Promise<PdfTextItem[]> {
  // Text outside the page is left out by pdf.js.
  const { items, styles } = await page.getTextContent();
  // Annotations of which one is broken cost the page its links and fields, not its text.
  const annotations: PdfAnnotation[] = await page.getAnnotations().catch(() => []);
  const texts = items.filter((item) => 'str' in item);
  const coloured = mayBeWhite ? await withoutWhiteOf(page, texts) : texts;
  page.cleanup();
  const seen = legible(coloured, page.view, (font) => styles[font]?.vertical === true);
  const shown = annotations.filter(({ rect }) => rect && isOnPage(rect, page.view));
  return [...withLinks(seen, linksIn(shown)), ...fieldTexts(shown)];
}

async function withoutWhiteOf(page: PDFPageProxy, items: readonly PdfTextItem[]): Promise<readonly PdfTextItem[]> {
  const { OPS, AnnotationMode } = await getResolvedPDFJS();
  const operators = await page.getOperatorList({ annotationMode: AnnotationMode.DISABLE }).catch(() => null);
  return operators ? withoutWhite(items, readPainting(operators, OPS)) : items;
}

function linksIn(annotations: readonly PdfAnnotation[]): PdfLink[] {
  return annotations.flatMap(({ subtype, url, rect }) =>
    subtype === 'Link' && url && rect ? [{ url, rectangle: rect }] : [],
  );
}
