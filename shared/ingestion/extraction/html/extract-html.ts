import { createDocumentBuilder } from '../document-builder.ts';
import type { ExtractedDocument } from '../extracted-document.ts';
import { ExtractionError } from '../extraction-error.ts';
import type { ParsingLimits } from '../extraction-limits.ts';
import { addHtmlPage, decodeHtml } from './html-page.ts';

/**
 * Reads a page as somebody sees it in a browser without scripts: headings, paragraphs, lists, tables, code and links.
 *
 * Navigation, scripts, styles and what is hidden are left out, for hidden words could be orders to a model. Nothing
 * outside the file is read. Throws `too-large`, `empty` or `no-text`.
 */
export function extractHtml(bytes: Uint8Array, { maxTextCharacters }: ParsingLimits): ExtractedDocument {
  const source = decodeHtml(bytes);
  if (source.length > maxTextCharacters) throw new ExtractionError('too-large');
  if (source.trim() === '') throw new ExtractionError('empty');
  const builder = createDocumentBuilder(maxTextCharacters);
  const title = addHtmlPage(source, builder);
  return builder.finish({ mediaType: 'text/html', title, pageCount: null });
}
