import type { DocumentBuilder } from '../document-builder.ts';
import { linkText } from '../link-text.ts';
import { rowText } from '../row-text.ts';
import { HIDDEN_RUN } from './docx-package.ts';

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
  readonly href?: string | null;
  readonly highlight?: string | null;
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

/**
 * Adds the blocks of a Word document in reading order; a note follows the block that refers to it.
 *
 * @param hiddenStyles styles whose text is left out
 */
export function addDocxBlocks(tree: DocxTree, hiddenStyles: ReadonlySet<string>, builder: DocumentBuilder): void {
  const textOf = createTextReader(hiddenStyles);
  const addNotes = (node: DocxNode) => {
    for (const reference of noteReferences(node)) {
      const note = tree.notes.resolve(reference);
      const text = note?.body.map(textOf).join(' ').trim();
      if (text) builder.add({ kind: 'paragraph', text: `[${noteMark(reference)}] ${text}` });
    }
  };
  const addNode = (node: DocxNode): void => {
    const isTable = node.type === 'table' && isDataTable(node);
    if (node.type === 'paragraph') addParagraph(node, textOf(node), builder);
    else if (isTable) addTable(node, textOf, builder);
    else for (const child of node.children ?? []) addNode(child);
    if (node.type === 'paragraph' || isTable) addNotes(node);
  };
  addNode(tree);
}

/** The text of the first paragraph in the style `Title`. */
export function docxTitle(tree: DocxNode): string | null {
  const title = tree.children?.find(({ styleName }) => styleName === 'Title');
  return title ? createTextReader(new Set())(title) : null;
}

function addParagraph(node: DocxNode, text: string, builder: DocumentBuilder): void {
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

// A table of one column only frames what is in it.
function isDataTable({ children = [] }: DocxNode): boolean {
  return children.some((row) => (row.children?.length ?? 0) > 1);
}

function addTable(table: DocxNode, textOf: (node: DocxNode) => string, builder: DocumentBuilder): void {
  for (const row of table.children ?? []) {
    builder.add({ kind: 'table-row', text: rowText((row.children ?? []).map(textOf)) });
  }
}

function createTextReader(hiddenStyles: ReadonlySet<string>): (node: DocxNode) => string {
  const isHidden = ({ highlight, styleId }: DocxNode) => highlight === HIDDEN_RUN || hiddenStyles.has(styleId ?? '');
  const childrenText = ({ children = [] }: DocxNode): string => children.map(textOf).join('');
  const textOf = (node: DocxNode): string => {
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
      case 'hyperlink':
        return linkText(childrenText(node), node.href);
      case 'run':
        return isHidden(node) ? '' : childrenText(node);
      case 'paragraph':
      case 'tableRow':
        return isHidden(node) ? '' : `${childrenText(node)}\n`;
      case 'tableCell':
        return `${childrenText(node)} `;
      default:
        return childrenText(node);
    }
  };
  return textOf;
}

function noteReferences(node: DocxNode): readonly DocxNode[] {
  return node.type === 'noteReference' ? [node] : (node.children ?? []).flatMap(noteReferences);
}

function noteMark({ noteType, noteId }: DocxNode): string {
  return noteType === 'endnote' ? `e${noteId}` : `${noteId}`;
}
