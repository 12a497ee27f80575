import type { DefaultTreeAdapterTypes } from 'parse5';

export type HtmlNode = DefaultTreeAdapterTypes.Node;
export type HtmlElement = DefaultTreeAdapterTypes.Element;

export function isElement(node: HtmlNode): node is HtmlElement {
  return 'tagName' in node;
}

export function childrenOf(node: HtmlNode): readonly HtmlNode[] {
  return 'childNodes' in node ? node.childNodes : [];
}

export function tagOf(node: HtmlNode): string {
  return isElement(node) ? node.tagName : node.nodeName;
}

export function attributeOf(element: HtmlElement, name: string): string | undefined {
  return element.attrs.find((attribute) => attribute.name === name)?.value;
}

/** All elements below a node in the order of the document, however deep they are nested. */
export function elementsOf(root: HtmlNode): HtmlElement[] {
  const found: HtmlElement[] = [];
  const open: HtmlNode[] = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (isElement(node)) found.push(node);
    open.push(...[...childrenOf(node)].reverse());
  }
  return found;
}

/** The text of an element whose children are texts, such as a title or a style. */
export function textContent(element: HtmlElement): string {
  return element.childNodes.map((node) => ('value' in node ? node.value : '')).join('');
}
