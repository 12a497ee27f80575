import { getDocumentProxy } from 'unpdf';
import { createDocumentBuilder } from '../document-builder.ts';
import type { ExtractedDocument } from '../extracted-document.ts';
import { ExtractionError } from '../extraction-error.ts';
import type { ParsingLimits } from '../extraction-limits.ts';
import { characterMapsFolder } from './character-maps.ts';
import { toBlocks } from './pdf-blocks.ts';
import { toFragments } from './pdf-fragments.ts';
import { type PdfPage, withoutFurniture } from './pdf-furniture.ts';
import { toLines } from './pdf-lines.ts';
import { createOutlineHeadings, readOutline } from './pdf-outline.ts';
import { readPageItems } from './pdf-page-items.ts';
import { withTrailer } from './pdf-trailer.ts';
import { mayShowWhiteText } from './pdf-white-gate.ts';

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

const MAX_REGIONS_PER_ANGLE = 1_000;
const MAX_MENDED_BYTES = 16 * 1024 * 1024;
const NO_TITLE = /^(?:untitled|microsoft word - |.*\.(?:docx?|pdf|indd|tex|dvi|pptx?|xlsx?)$)/i;

/**
 * Reads a PDF's text in reading order with its pages; what repeats at the edge of pages is left out.
 *
 * Throws `encrypted`, `damaged`, `too-large` (more pages than allowed) or `no-text` (scanned).
 */
export async function extractPdf(bytes: Uint8Array, limits: ParsingLimits): Promise<ExtractedDocument> {
  // Before pdf.js takes the bytes for itself.
  const mayBeWhite = mayShowWhiteText(bytes);
  const pdf = await open(bytes);
  try {
    if (pdf.numPages > limits.maxPages)
      throw new ExtractionError('too-large', { message: tooManyPages(pdf.numPages, limits.maxPages) });
    const builder = createDocumentBuilder(limits.maxTextCharacters);
    const pages = await readPages(pdf, limits.maxTextCharacters, mayBeWhite);
    const outline = createOutlineHeadings(await readOutline(pdf));
    for (const block of toBlocks(withoutFurniture(pages), outline)) builder.add(block);
    const title = await readTitle(pdf);
    return builder.finish({ mediaType: 'application/pdf', title, pageCount: pdf.numPages });
  } finally {
    await pdf.loadingTask.destroy();
  }
}

function tooManyPages(pages: number, maxPages: number): string {
  return `The file has ${pages} pages; at most ${maxPages} can be read. Split it into smaller files and upload those.`;
}

async function open(bytes: Uint8Array): Promise<PdfDocument> {
  const copy = bytes.byteLength <= MAX_MENDED_BYTES ? bytes.slice() : null;
  try {
    return await parse(bytes);
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'PasswordException') throw new ExtractionError('encrypted', { cause });
    const mended = copy && withTrailer(copy);
    const opened = mended && (await parse(mended).catch(() => null));
    if (!opened) throw new ExtractionError('damaged', { cause });
    return opened;
  }
}

function parse(bytes: Uint8Array): Promise<PdfDocument> {
  // It insists on a plain Uint8Array and not a Buffer.
  return getDocumentProxy(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    cMapUrl: characterMapsFolder(),
    // No picture is ever decoded.
    maxImageSize: 0,
  });
}

async function readPages(pdf: PdfDocument, maxTextCharacters: number, mayBeWhite: boolean): Promise<PdfPage[]> {
  const pages: PdfPage[] = [];
  let characters = 0;
  let failure: unknown;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    try {
      const items = await readPageItems(await pdf.getPage(number), mayBeWhite);
      characters += items.reduce((sum, { str }) => sum + str.length, 0);
      const groups = toFragments(items).map((fragments) => toLines(fragments, number));
      const lines = groups.flatMap((group, angle) =>
        group.map((line) => ({ ...line, region: line.region + angle * MAX_REGIONS_PER_ANGLE, turned: angle > 0 })),
      );
      pages.push({ lines });
    } catch (error) {
      // One broken page must not cost the others.
      failure = error;
    }
    if (characters > maxTextCharacters) throw new ExtractionError('too-large');
  }
  if (pages.length === 0) throw new ExtractionError('damaged', { cause: failure });
  return pages;
}

async function readTitle(pdf: PdfDocument): Promise<string | null> {
  const metadata = await pdf.getMetadata().catch(() => null);
  const title = metadata && 'Title' in metadata.info ? metadata.info.Title : null;
  return typeof title === 'string' && title.trim() !== '' && !NO_TITLE.test(title.trim()) ? title : null;
}
