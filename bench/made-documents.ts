import { readSource } from '../local/sample-document-rendering/read-source.ts';
import { renderDocx } from '../local/sample-document-rendering/render-docx.ts';
import { renderPdf } from '../local/sample-document-rendering/render-pdf.ts';

export const formats = ['pdf', 'docx', 'md', 'txt'] as const;
export type Format = (typeof formats)[number];

export interface MadeDocument {
  readonly name: string;
  readonly format: Format;
  /** A word that stands in no other document, once. */
  readonly marker: string;
  readonly content: Uint8Array;
}

const DATE = new Date('2026-01-05T09:00:00Z');
const SECTIONS = 5;
const PARAGRAPHS_PER_SECTION = 5;
const SENTENCES_PER_PARAGRAPH = 5;
const WORDS_PER_SENTENCE = 16;
const OWN_WORDS = 120;
const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri fro gru'.split(' ');
const COMMON_WORDS =
  'the of a to and in for on with by from that this each every may must should when after before under over team office plan budget order supplier customer travel device network safety training contract invoice review'.split(
    ' ',
  );

/** Makes the n-th document, about five pages of words of its own; the same bytes of text every time. */
export async function makeDocument(number: number, format: Format): Promise<MadeDocument> {
  const marker = `marker${String(number).padStart(4, '0')}x`;
  const markdown = makeMarkdown(number, marker);
  return { name: `document-${number}.${format}`, format, marker, content: await render(markdown, format) };
}

async function render(markdown: string, format: Format): Promise<Uint8Array> {
  switch (format) {
    case 'pdf':
      return renderPdf(readSource(markdown), DATE);
    case 'docx':
      return renderDocx(readSource(markdown));
    case 'md':
      return Buffer.from(markdown);
    case 'txt':
      return Buffer.from(markdown.replace(/^---.*?---\n/s, '').replaceAll(/^#+ /gm, ''));
  }
}

/** Running text of at least so many characters, another for each number. */
export function makeText(number: number, characters: number): string {
  const sentence = sentencesOf(number);
  let text = sentence();
  while (text.length < characters) text += ` ${sentence()}`;
  return text;
}

function makeMarkdown(number: number, marker: string): string {
  const sentence = sentencesOf(number);
  const paragraph = () => Array.from({ length: SENTENCES_PER_PARAGRAPH }, sentence).join(' ');
  const section = (_: unknown, index: number) => {
    const paragraphs = Array.from({ length: PARAGRAPHS_PER_SECTION }, paragraph);
    const isMarked = index === number % SECTIONS;
    return [`## Section ${index + 1}`, ...paragraphs, ...(isMarked ? [`The reference is ${marker}.`] : [])].join(
      '\n\n',
    );
  };
  const head = `---\ntitle: Document ${number}\nsubtitle: Made for a bench\nclassification: Internal\n---\n`;
  return [head, `# Document ${number}`, ...Array.from({ length: SECTIONS }, section)].join('\n\n');
}

/** Sentences half of whose words belong to this number alone. */
function sentencesOf(number: number): () => string {
  const random = randomNumbers(number + 1);
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? '';
  const newWord = () => [0, 1, 2].map(() => pick(SYLLABLES)).join('');
  const ownWords = Array.from({ length: OWN_WORDS }, newWord);
  return () => {
    const words = Array.from({ length: WORDS_PER_SENTENCE }, () => pick(random() < 0.5 ? COMMON_WORDS : ownWords));
    return `${capitalised(words.join(' '))}.`;
  };
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Numbers from 0 to 1 that look random and are the same for the same seed. Source: mulberry32 by Tommy Ettinger. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
