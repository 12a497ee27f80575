import { linkText } from '../link-text.ts';
import { relationshipIdOf } from '../office/office-package.ts';
import type { XmlAttributes, XmlEvents } from '../office/xml-events.ts';

export interface PptxParagraph {
  readonly text: string;
  /** What the paragraph says itself; null leaves it to its placeholder. */
  readonly hasBullet: boolean | null;
}

const BULLETS: Readonly<Record<string, boolean>> = { buNone: false, buChar: true, buAutoNum: true, buBlip: true };

/** Puts paragraphs of DrawingML together from their runs. @param links URLs by relationship */
export function createParagraphReader(
  links: ReadonlyMap<string, string>,
  add: (paragraph: PptxParagraph) => void,
): Required<XmlEvents> {
  let isOpen = false;
  let isText = false;
  let text = '';
  let hasBullet: boolean | null = null;
  // Formatting cuts a link into runs; its URL is written once, after the last.
  let linked = '';
  let linkUrl: string | undefined;
  let runUrl: string | undefined;

  const endLink = (): void => {
    text += linkText(linked, linkUrl);
    linked = '';
    linkUrl = runUrl;
  };

  const opens: Readonly<Record<string, (attributes: XmlAttributes) => void>> = {
    p: () => {
      isOpen = true;
      text = '';
      hasBullet = null;
    },
    r: () => {
      runUrl = undefined;
    },
    hlinkClick: (attributes) => {
      runUrl = links.get(relationshipIdOf(attributes) ?? '');
    },
    br: () => {
      linked += '\n';
    },
    t: () => {
      if (runUrl !== linkUrl) endLink();
      isText = isOpen;
    },
  };

  return {
    open: (name, attributes) => {
      opens[name]?.(attributes);
      hasBullet = BULLETS[name] ?? hasBullet;
    },
    text: (piece) => {
      if (isText) linked += piece;
    },
    close: (name) => {
      if (name === 't') isText = false;
      if (name !== 'p') return;
      runUrl = undefined;
      endLink();
      add({ text, hasBullet });
      isOpen = false;
    },
  };
}
