import type { BlockKind } from '../extracted-document.ts';
import { readXml, type XmlAttributes } from '../office/xml-events.ts';
import { rowText } from '../row-text.ts';
import { createParagraphReader, type PptxParagraph } from './pptx-paragraphs.ts';

export interface SlideBlock {
  readonly kind: BlockKind;
  readonly text: string;
  readonly level?: number;
  /** Whether it stands in the body's placeholder, which on a page of notes holds the notes. */
  readonly isBody: boolean;
}

export interface Slide {
  /** The title first, then the shapes in the order in which they were drawn. */
  readonly blocks: readonly SlideBlock[];
  readonly isHidden: boolean;
}

interface Shape {
  placeholder: string | null;
  isHidden: boolean;
}

const SHAPES = new Set(['sp', 'grpSp', 'graphicFrame', 'pic', 'cxnSp']);
const TITLES = new Set(['title', 'ctrTitle']);
const BODIES = new Set(['body', 'obj']);
/** Date, footer, header, number of the slide, and its picture on a page of notes. */
const FURNITURE = new Set(['dt', 'ftr', 'hdr', 'sldNum', 'sldImg']);

/** Reads a slide, a page of notes or the data of a diagram. @param links URLs by relationship */
export function readSlide(xml: Uint8Array, links: ReadonlyMap<string, string>): Slide {
  const shapes = createShapes();
  const paragraphs = createParagraphReader(links, shapes.addParagraph);
  let isHidden = false;
  // What older programs are shown instead of the same content.
  let fallbacks = 0;
  readXml(xml, {
    open: (name, attributes) => {
      if (name === 'sld') isHidden = isFalse(attributes.show);
      if (name === 'Fallback') fallbacks += 1;
      if (fallbacks > 0) return;
      shapes.open(name, attributes);
      paragraphs.open(name, attributes);
    },
    text: (text) => {
      if (fallbacks === 0) paragraphs.text(text);
    },
    close: (name) => {
      if (name === 'Fallback') fallbacks -= 1;
      if (fallbacks > 0) return;
      paragraphs.close(name);
      shapes.close(name);
    },
  });
  const inOrder = shapes.blocks.toSorted((one, other) => Number(isTitle(other)) - Number(isTitle(one)));
  return { blocks: inOrder, isHidden };
}

function createShapes() {
  const blocks: SlideBlock[] = [];
  const open: Shape[] = [];
  let cells: string[] | null = null;
  return {
    blocks,
    open: (name: string, attributes: XmlAttributes): void => {
      const shape = open.at(-1);
      if (SHAPES.has(name)) open.push({ placeholder: null, isHidden: false });
      else if (name === 'cNvPr' && shape) shape.isHidden ||= isTrue(attributes.hidden);
      else if (name === 'ph' && shape) shape.placeholder = attributes.type ?? 'body';
      else if (name === 'tr') cells = [];
      else if (name === 'tc') cells?.push('');
    },
    addParagraph: (paragraph: PptxParagraph): void => {
      if (open.some(({ isHidden }) => isHidden)) return;
      if (cells) cells[cells.length - 1] += `${paragraph.text} `;
      else blocks.push(...toBlock(paragraph, open.at(-1)?.placeholder ?? null));
    },
    close: (name: string): void => {
      if (SHAPES.has(name)) open.pop();
      if (name !== 'tr' || !cells) return;
      const text = rowText(cells);
      if (text !== '') blocks.push({ kind: 'table-row', text, isBody: false });
      cells = null;
    },
  };
}

function toBlock({ text, hasBullet }: PptxParagraph, placeholder: string | null): SlideBlock[] {
  if (text.trim() === '' || (placeholder && FURNITURE.has(placeholder))) return [];
  const isBody = placeholder !== null && BODIES.has(placeholder);
  if (placeholder && TITLES.has(placeholder))
    return [{ kind: 'heading', text: text.replace(/\s+/g, ' ').trim(), level: 1, isBody }];
  const isListItem = hasBullet ?? isBody;
  return [isListItem ? { kind: 'list-item', text: `- ${text.trim()}`, isBody } : { kind: 'paragraph', text, isBody }];
}

function isTitle({ kind }: SlideBlock): boolean {
  return kind === 'heading';
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

function isFalse(value: string | undefined): boolean {
  return value === '0' || value === 'false';
}
