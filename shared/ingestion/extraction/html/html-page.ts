import { parse } from 'parse5';
import { decodeText } from '../decode-text.ts';
import type { DocumentBuilder } from '../document-builder.ts';
import { addHtmlBlocks } from './html-blocks.ts';
import { elementsOf, type HtmlElement, tagOf, textContent } from './html-tree.ts';
import { createVisibility, isBarePage } from './html-visibility.ts';

const DECLARED_CHARSET = /<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i;
const HEAD_BYTES = 4_096;
const HTML = /<(?:html|body|p|div|table)\b/i;

/** The source of a page, in the encoding that it declares unless it is plainly another. */
export function decodeHtml(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES)).toString('latin1');
  return decodeText(bytes, DECLARED_CHARSET.exec(head)?.[1]);
}

/** Whether what an office document takes in is a page. */
export function isHtmlPage(source: string): boolean {
  return HTML.test(source.slice(0, HEAD_BYTES)) && !source.startsWith('MIME-Version:');
}

/** Adds what a page shows. @returns its title */
export function addHtmlPage(source: string, builder: DocumentBuilder): string | null {
  const document = parse(source, { scriptingEnabled: false });
  const elements = elementsOf(document);
  const styles = elements.filter((element) => tagOf(element) === 'style').map(textContent);
  addHtmlBlocks(document, createVisibility(styles, isBarePage(source)), builder);
  return titleOf(elements);
}

function titleOf(elements: readonly HtmlElement[]): string | null {
  const title =
    elements.find((element) => tagOf(element) === 'title') ?? elements.find((element) => tagOf(element) === 'h1');
  return title ? textContent(title) : null;
}
