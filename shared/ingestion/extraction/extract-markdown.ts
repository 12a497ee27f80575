import type { LinkReference, Nodes, Root, RootContent, Table } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import remarkFrontmatter from 'remark-frontmatter';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';
import { parse as parseYaml } from 'yaml';
import { cleanText } from './clean-text.ts';
import { decodeText } from './decode-text.ts';
import { createDocumentBuilder, type DocumentBuilder } from './document-builder.ts';
import type { ExtractedDocument } from './extracted-document.ts';
import { ExtractionError } from './extraction-error.ts';
import type { ParsingLimits } from './extraction-limits.ts';
import { addHtmlPage } from './html/html-page.ts';
import { linkText } from './link-text.ts';

const HTML_TAGS = /<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1\s*>|<\/?[a-z!][^>]*>/gi;

/** Reads Markdown (GFM, with YAML front matter) as its reader would see it: no markup, code kept as it is. */
export function extractMarkdown(bytes: Uint8Array, { maxTextCharacters }: ParsingLimits): ExtractedDocument {
  const source = cleanText(decodeText(bytes));
  if (source.length > maxTextCharacters) throw new ExtractionError('too-large');
  if (source.trim() === '') throw new ExtractionError('empty');
  const root = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter, ['yaml']).parse(source);
  resolveReferences(root);
  const builder = createDocumentBuilder(maxTextCharacters);
  addAll(root.children, builder);
  return builder.finish({ mediaType: 'text/markdown', title: titleOf(root), pageCount: null });
}

/** Makes links of `[text][name]`, whose URLs stand elsewhere in the document. */
function resolveReferences(root: Root): void {
  const urls = new Map<string, string>();
  const references: LinkReference[] = [];
  const open: Nodes[] = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.type === 'definition') urls.set(node.identifier, node.url);
    if (node.type === 'linkReference') references.push(node);
    if ('children' in node) open.push(...node.children);
  }
  for (const reference of references) {
    const url = urls.get(reference.identifier);
    if (url) Object.assign(reference, { type: 'link', url });
  }
}

function addAll(nodes: readonly RootContent[], builder: DocumentBuilder): void {
  for (const node of nodes) addNode(node, builder);
}

function addNode(node: RootContent, builder: DocumentBuilder): void {
  switch (node.type) {
    case 'heading':
      builder.add({ kind: 'heading', text: readable(node), level: node.depth });
      break;
    case 'code':
      builder.add({ kind: 'code', text: node.value });
      break;
    case 'table':
      addRows(node, builder);
      break;
    case 'list':
      for (const item of node.children) addListItem(item.children, builder);
      break;
    case 'blockquote':
    case 'footnoteDefinition':
      addAll(node.children, builder);
      break;
    case 'html':
      addHtmlPage(node.value, builder);
      break;
    case 'yaml':
    case 'definition':
      break;
    default:
      builder.add({ kind: 'paragraph', text: readable(node) });
  }
}

function addListItem(children: readonly RootContent[], builder: DocumentBuilder): void {
  const [first, ...rest] = children;
  if (first?.type === 'paragraph') builder.add({ kind: 'list-item', text: `- ${readable(first)}` });
  else if (first) addNode(first, builder);
  addAll(rest, builder);
}

function addRows(table: Table, builder: DocumentBuilder): void {
  for (const row of table.children) {
    builder.add({ kind: 'table-row', text: row.children.map((cell) => readable(cell)).join(' | ') });
  }
}

// What stands in raw HTML is text too, only its tags are not; images keep their alternative text.
function readable(node: Nodes): string {
  if (node.type === 'html') return node.value.replace(HTML_TAGS, ' ').replace(/[ \t]{2,}/g, ' ');
  if (node.type === 'break') return '\n';
  if (!('children' in node)) return textOf(node);
  const text = node.children.map(readable).join('');
  return node.type === 'link' ? linkText(text, node.url) : text;
}

function titleOf(root: Root): string | null {
  const [first] = root.children;
  const title = first?.type === 'yaml' ? frontMatterTitle(first.value) : null;
  if (title !== null) return title;
  const heading = root.children.find((node) => node.type === 'heading' && node.depth === 1);
  return heading ? readable(heading) : null;
}

function frontMatterTitle(yaml: string): string | null {
  try {
    const matter: unknown = parseYaml(yaml, { maxAliasCount: 0 });
    const title = matter && typeof matter === 'object' && 'title' in matter ? matter.title : null;
    return typeof title === 'string' || typeof title === 'number' ? String(title) : null;
  } catch {
    // Broken front matter loses the title, not the document.
    return null;
  }
}
