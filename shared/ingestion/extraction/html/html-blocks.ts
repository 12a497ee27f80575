import type { DocumentBuilder } from '../document-builder.ts';
import { ExtractionError } from '../extraction-error.ts';
import { linkText } from '../link-text.ts';
import { attributeOf, childrenOf, elementsOf, type HtmlElement, type HtmlNode, isElement, tagOf } from './html-tree.ts';
import type { IsLeftOut } from './html-visibility.ts';

const INLINE = new Set(
  'a abbr b bdi bdo big br button cite code data del dfn em font i img ins kbd label mark nobr q rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
const HEADING = /^h([1-6])$/;
// Far beyond what browsers keep apart, and well within the stack.
const MAX_DEPTH = 2_000;

/** Adds the blocks of a page in the order of its source. */
export function addHtmlBlocks(root: HtmlNode, isLeftOut: IsLeftOut, builder: DocumentBuilder): void {
  let inline = '';
  let kind: 'paragraph' | 'list-item' = 'paragraph';
  const inlineText = (node: HtmlNode, depth: number): string => toInlineText(node, isLeftOut, depth);

  const flush = (): void => {
    const text = tidy(inline);
    inline = '';
    if (text === '') return;
    builder.add({ kind, text: kind === 'list-item' ? `- ${text}` : text });
    kind = 'paragraph';
  };

  const addChildren = (node: HtmlNode, depth: number): void => {
    for (const child of childrenOf(node)) addNode(child, depth + 1);
  };

  const addElement = (element: HtmlElement, depth: number): void => {
    const tag = element.tagName;
    const level = HEADING.exec(tag)?.[1];
    flush();
    if (level)
      builder.add({
        kind: 'heading',
        text: tidy(inlineText(element, depth)).replace(/\s+/g, ' '),
        level: Number(level),
      });
    else if (tag === 'pre') builder.add({ kind: 'code', text: rawText(element, isLeftOut, depth) });
    else if (tag === 'table' && isDataTable(element)) addTable(element, depth);
    else {
      if (tag === 'li') kind = 'list-item';
      addChildren(element, depth);
      flush();
      if (tag === 'li') kind = 'paragraph';
    }
  };

  const addTable = (table: HtmlElement, depth: number): void => {
    for (const part of elementsOf(table)) {
      if (part.tagName === 'caption' && !isHidden(part, table, isLeftOut))
        builder.add({ kind: 'paragraph', text: tidy(inlineText(part, depth)) });
      if (part.tagName !== 'tr' || isHidden(part, table, isLeftOut)) continue;
      const cells = part.childNodes.filter(
        (cell) => /^t[dh]$/.test(tagOf(cell)) && isElement(cell) && !isLeftOut(cell),
      );
      const texts = cells.map((cell) => tidy(inlineText(cell, depth)).replace(/\s+/g, ' '));
      if (texts.some((text) => text !== '')) builder.add({ kind: 'table-row', text: texts.join(' | ') });
    }
  };

  const addNode = (node: HtmlNode, depth: number): void => {
    checkDepth(depth);
    if (!isElement(node)) {
      if ('value' in node) inline += node.value.replace(/\s+/g, ' ');
      else addChildren(node, depth);
    } else if (isLeftOut(node) || node.tagName === 'head') return;
    else if (INLINE.has(node.tagName) && !elementsOf(node).some(isBlock)) inline += inlineText(node, depth);
    else addElement(node, depth);
  };

  addNode(root, 0);
  flush();
}

function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new ExtractionError('damaged', { cause: 'elements are nested too deeply' });
}

function isBlock({ tagName }: HtmlElement): boolean {
  return !INLINE.has(tagName);
}

function toInlineText(node: HtmlNode, isLeftOut: IsLeftOut, depth: number): string {
  checkDepth(depth);
  if (!isElement(node)) return 'value' in node ? node.value.replace(/\s+/g, ' ') : '';
  if (isLeftOut(node)) return '';
  if (node.tagName === 'br') return '\n';
  if (node.tagName === 'img') return attributeOf(node, 'alt') ?? '';
  const text = childrenOf(node)
    .map((child) => toInlineText(child, isLeftOut, depth + 1))
    .join('');
  if (node.tagName === 'a') return linkText(text, attributeOf(node, 'href'));
  return isBlock(node) ? `\n${text}\n` : text;
}

function rawText(node: HtmlNode, isLeftOut: IsLeftOut, depth: number): string {
  checkDepth(depth);
  if (isElement(node) && isLeftOut(node)) return '';
  if (tagOf(node) === 'br') return '\n';
  if ('value' in node && !isElement(node)) return node.value;
  return childrenOf(node)
    .map((child) => rawText(child, isLeftOut, depth + 1))
    .join('');
}

// A table that holds tables or headings, or has one column, only arranges the page.
function isDataTable(table: HtmlElement): boolean {
  if (attributeOf(table, 'role') === 'presentation') return false;
  const parts = elementsOf(table).slice(1);
  if (parts.some(({ tagName }) => tagName === 'table' || HEADING.test(tagName))) return false;
  const rows = parts.filter(({ tagName }) => tagName === 'tr');
  return rows.some((row) => row.childNodes.filter((cell) => /^t[dh]$/.test(tagOf(cell))).length > 1);
}

function isHidden(part: HtmlElement, table: HtmlElement, isLeftOut: IsLeftOut): boolean {
  let node: HtmlNode | null = part;
  for (; node && node !== table; node = (node as HtmlElement).parentNode) {
    if (isElement(node) && isLeftOut(node)) return true;
  }
  return false;
}

function tidy(text: string): string {
  return text
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{2,}/g, '\n')
    .replace(/[ \t]{2,}/g, ' ')
    .trim();
}
