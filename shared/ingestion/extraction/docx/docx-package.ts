import { ExtractionError } from '../extraction-error.ts';
import type { OfficePackage } from '../office/office-package.ts';
import { readXml } from '../office/xml-events.ts';

/** The part of a file that mammoth asks for; see its `unzip.openZip`, which takes it as `{ file }`. */
export interface DocxPackage {
  readonly exists: (name: string) => boolean;
  readonly read: (name: string, encoding?: string) => Promise<string | Uint8Array>;
}

/** The highlight that a run gets instead of being hidden, of which mammoth says nothing. */
export const HIDDEN_RUN = 'hidden-run';

const USUAL_MAIN_PART = 'word/document.xml';
const DOCUMENT_TYPE = /<!(?:DOCTYPE|ENTITY)/i;
const HIGHLIGHT = /<((?:\w+:)?)highlight\b/g;
const HIDDEN = /<(\w+:|)(?:vanish|specVanish)\b(?![^>]*val\s*=\s*["'](?:0|false|off)["'])[^>]*?(\/?)>/g;
const HIDDEN_END = /<\/(\w+:|)(?:vanish|specVanish)\s*>/g;
const HAS_HIDDEN = /<(?:\w+:)?(?:vanish|specVanish)\b/;
const WHITE = /<(\w+:|)color\b(?=[^>]*val\s*=\s*["']FFFFFF["'])[^>]*>(?:\s*<\/\1color\s*>)?/gi;
const HAS_WHITE = /<(?:\w+:)?color\b[^>]*FFFFFF/i;
/** What may be behind text: shading, highlights, a background, pictures and shapes that float. */
const BACKDROPS =
  /<(?:\w+:)?(?:shd\b(?![^>]*fill\s*=\s*["'](?:auto|FFFFFF)["'])|highlight|background|anchor|pict|txbxContent|altChunk)\b/i;
const MAY_HAVE_BACKDROPS = new Set(['styles', 'header', 'footer']);

/**
 * Gives mammoth a Word file of which every byte that it sees has been counted, and no XML declares entities.
 *
 * Only the parts that mammoth reads are inflated: pictures never are. Comments are hidden from it.
 */
export function toDocxPackage(file: OfficePackage): DocxPackage {
  return {
    exists: (name) => file.has(name) && name !== 'word/comments.xml',
    read: async (name, encoding) => {
      const content = file.read(name);
      if (!encoding) return content;
      const text = new TextDecoder(xmlEncoding(content)).decode(content);
      if (DOCUMENT_TYPE.test(text)) throw new ExtractionError('damaged');
      // White on white is as good as hidden, where nothing in the whole file could be behind it.
      const marked = HAS_WHITE.test(text) && !hasBackdrops(file) ? text.replace(WHITE, '<$1vanish/>') : text;
      return HAS_HIDDEN.test(marked) ? withMarkedRuns(marked) : marked;
    },
  };
}

/** The styles whose text Word does not show. */
export function hiddenStyles(file: OfficePackage): ReadonlySet<string> {
  const styles = file.relationshipsOf(file.mainPart(USUAL_MAIN_PART)).find(({ type }) => type === 'styles');
  const hidden = new Set<string>();
  if (!styles || !file.has(styles.part)) return hidden;
  let style = '';
  readXml(file.read(styles.part), {
    open: (name, attributes) => {
      if (name === 'style') style = attributes['w:styleId'] ?? '';
      const isOff = /^(?:0|false|off)$/.test(attributes['w:val'] ?? '');
      if (name === 'vanish' && style !== '' && !isOff) hidden.add(style);
    },
  });
  return hidden;
}

/** Documents of other formats that Word shows as part of this one (`altChunk`), in the order of the file. */
export function embeddedChunks(file: OfficePackage): Uint8Array[] {
  const chunks = file.relationshipsOf(file.mainPart(USUAL_MAIN_PART)).filter(({ type }) => type === 'aFChunk');
  return chunks.filter(({ part }) => file.has(part)).map(({ part }) => file.read(part));
}

function hasBackdrops(file: OfficePackage): boolean {
  const main = file.mainPart(USUAL_MAIN_PART);
  const parts = file.relationshipsOf(main).filter(({ type, part }) => MAY_HAVE_BACKDROPS.has(type) && file.has(part));
  return [main, ...parts.map(({ part }) => part)].some((part) => {
    const content = file.read(part);
    return BACKDROPS.test(new TextDecoder(xmlEncoding(content)).decode(content));
  });
}

function withMarkedRuns(xml: string): string {
  return xml
    .replace(HIGHLIGHT, '<$1formerHighlight')
    .replace(HIDDEN, (_, prefix: string, end: string) => `<${prefix}highlight ${prefix}val="${HIDDEN_RUN}"${end}>`)
    .replace(HIDDEN_END, '</$1highlight>');
}

function xmlEncoding(content: Uint8Array): string {
  if (content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  return content[0] === 0xfe && content[1] === 0xff ? 'utf-16be' : 'utf-8';
}
