import { parse } from 'parse5';
import { decodeText } from '../decode-text.ts';
import { createDocumentBuilder } from '../document-builder.ts';
import type { ExtractedDocument } from '../extracted-document.ts';
import { ExtractionError } from '../extraction-error.ts';
import type { ParsingLimits } from '../extraction-limits.ts';
import { addHtmlBlocks } from './html-blocks.ts';
import { elementsOf, type HtmlElement, tagOf, textContent } from './html-tree.ts';
import { createVisibility } from './html-visibility.ts';

const DECLARED_CHARSET = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i;
const HEAD_BYTES = 4_096;

/**
 * Reads a page as somebody sees it in a browser without scripts: headings, paragraphs, lists, tables, code and links.
 *
 * Navigation, scripts, styles and what is hidden are left out, for hidden words could be orders to a model. Nothing
 * outside the file is read. Throws `too-large`, `empty` or `no-text`.
 */
export function extractHtml(bytes: Uint8Array, { maxTextCharacters }: ParsingLimits): ExtractedDocument {
  const source = decodeText(bytes, declaredCharset(bytes));
  if (source.length > maxTextCharacters) throw new ExtractionError('too-large');
  if (source.trim() === '') throw new ExtractionError('empty');
  const document = parse(source, { scriptingEnabled: false });
  const elements = elementsOf(document);
  const styles = elements.filter((element) => tagOf(element) === 'style').map(textContent);
  const builder = createDocumentBuilder(maxTextCharacters);
  addHtmlBlocks(document, createVisibility(styles), builder);
  return builder.finish({ mediaType: 'text/html', title: titleOf(elements), pageCount: null });
}

function titleOf(elements: readonly HtmlElement[]): string | null {
  const title =
    elements.find((element) => tagOf(element) === 'title') ?? elements.find((element) => tagOf(element) === 'h1');
  return title ? textContent(title) : null;
}

function declaredCharset(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES)).toString('latin1');
  return DECLARED_CHARSET.exec(head)?.[1];
}
