import type { DocumentBuilder } from '../document-builder.ts';

/** A node of mammoth's document tree, by the properties that are read here. */
export interface DocxNode {
  readonly type: string;
  readonly children?: readonly DocxNode[];
  readonly value?: string;
  readonly styleId?: string | null;
  readonly styleName?: string | null;
  readonly numbering?: { readonly isOrdered: boolean; readonly level: string } | null;
  readonly checked?: boolean;
  readonly altText?: string | null;
  readonly noteType?: string;
  readonly noteId?: string;
}

export interface DocxNote {
  readonly noteType: string;
  readonly noteId: string;
  readonly body: readonly DocxNode[];
}

export interface DocxTree extends DocxNode {
  readonly notes: { readonly resolve: (reference: DocxNode) => DocxNote | null };
}

const HEADING_STYLE = /^(?:heading|заголовок|überschrift|titre|título|titolo|标题|見出し)\s*([1-9])$/i;
const HEADING_STYLE_ID = /^Heading([1-9])$/i;
const CODE_STYLE = /\b(?:code|source|preformatted|macro text)\b/i;
const LIST_STYLE = /^list (?:bullet|number|paragraph)/i;

/** Adds the blocks of a Word document in reading order; a note follows the block that refers to it. */
export function addDocxBlocks(tree: DocxTree, builder: DocumentBuilder): void {
  const addNotes = (node: DocxNode) => {
    for (const reference of noteReferences(node)) {
      const note = tree.notes.resolve(reference);
      const text = note?.body.map(textOf).join(' ').trim();
      if (text) builder.add({ kind: 'paragraph', text: `[${noteMark(reference)}] ${text}` });
    }
  };
  const addNode = (node: DocxNode): void => {
    if (node.type === 'paragraph') addParagraph(node, builder);
    else if (node.type === 'table') addTable(node, builder);
    else for (const child of node.children ?? []) addNode(child);
    if (node.type === 'paragraph' || node.type === 'table') addNotes(node);
  };
  addNode(tree);
}

/** The text of the first paragraph in the style `Title`. */
export function docxTitle(tree: DocxNode): string | null {
  const title = tree.children?.find(({ styleName }) => styleName === 'Title');
  return title ? textOf(title) : null;
}

function addParagraph(node: DocxNode, builder: DocumentBuilder): void {
  const text = textOf(node);
  const level = headingLevel(node);
  const style = node.styleName ?? '';
  if (level !== null) builder.add({ kind: 'heading', text: text.replace(/\s+/g, ' '), level });
  else if (node.numbering || LIST_STYLE.test(style))
    builder.add({ kind: 'list-item', text: `- ${text.trim()}`.replace(/^- $/, '') });
  else builder.add({ kind: CODE_STYLE.test(style) ? 'code' : 'paragraph', text });
}

function headingLevel({ styleName, styleId }: DocxNode): number | null {
  if (styleName === 'Title') return 1;
  const match = HEADING_STYLE.exec(styleName ?? '') ?? HEADING_STYLE_ID.exec(styleId ?? '');
  return match ? Number(match[1]) : null;
}

function addTable(table: DocxNode, builder: DocumentBuilder): void {
  for (const row of table.children ?? []) {
    const cells = (row.children ?? []).map((cell) => textOf(cell).replace(/\s+/g, ' ').trim());
    if (cells.some((cell) => cell !== '')) builder.add({ kind: 'table-row', text: cells.join(' | ') });
  }
}

function textOf(node: DocxNode): string {
  switch (node.type) {
    case 'text':
      return node.value ?? '';
    case 'tab':
      return '\t';
    case 'break':
      return '\n';
    case 'checkbox':
      return node.checked ? '[x]' : '[ ]';
    case 'noteReference':
      return `[${noteMark(node)}]`;
    case 'paragraph':
    case 'tableRow':
      return `${childrenText(node)}\n`;
    case 'tableCell':
      return `${childrenText(node)} `;
    default:
      return childrenText(node);
  }
}

function childrenText({ children = [] }: DocxNode): string {
  return children.map(textOf).join('');
}

function noteReferences(node: DocxNode): readonly DocxNode[] {
  return node.type === 'noteReference' ? [node] : (node.children ?? []).flatMap(noteReferences);
}

function noteMark({ noteType, noteId }: DocxNode): string {
  return noteType === 'endnote' ? `e${noteId}` : `${noteId}`;
}
