import { createDocumentBuilder, type DocumentBuilder } from '../document-builder.ts';
import type { ExtractedDocument } from '../extracted-document.ts';
import { ExtractionError } from '../extraction-error.ts';
import type { ParsingLimits } from '../extraction-limits.ts';
import { type OfficePackage, openOfficePackage, relationshipIdOf } from '../office/office-package.ts';
import { readXml } from '../office/xml-events.ts';
import { readSlide } from './pptx-slide.ts';

/**
 * Reads a PowerPoint presentation slide by slide: titles as headings, bullets, tables, diagrams and speaker notes.
 *
 * A slide is a page, by the number that PowerPoint shows; hidden slides and shapes, comments and what the master repeats
 * are left out. Throws `damaged`, `encrypted`, `too-large` (more slides than allowed) or `no-text`.
 */
export function extractPptx(bytes: Uint8Array, limits: ParsingLimits): ExtractedDocument {
  const file = openOfficePackage(bytes, limits.maxDecompressedBytes);
  const slides = slideParts(file);
  if (slides.length > limits.maxPages) {
    const message = `The file has ${slides.length} slides; at most ${limits.maxPages} can be read. Split it into smaller files and upload those.`;
    throw new ExtractionError('too-large', { message });
  }
  const builder = createDocumentBuilder(limits.maxTextCharacters);
  const titles = slides.map((part, index) => addSlide(file, part, index + 1, builder));
  return builder.finish({
    mediaType: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    title: titles.find((title) => title !== null) ?? null,
    pageCount: slides.length,
  });
}

function slideParts(file: OfficePackage): string[] {
  const main = file.mainPart('ppt/presentation.xml');
  const relationships = new Map(file.relationshipsOf(main).map(({ id, part }) => [id, part]));
  const parts: string[] = [];
  readXml(file.read(main), {
    open: (name, attributes) => {
      const part = name === 'sldId' ? relationships.get(relationshipIdOf(attributes) ?? '') : undefined;
      if (part && file.has(part)) parts.push(part);
    },
  });
  return parts;
}

/** @returns the slide's title */
function addSlide(file: OfficePackage, part: string, page: number, builder: DocumentBuilder): string | null {
  const { blocks, isHidden } = readSlide(file.read(part), file.linksOf(part));
  if (isHidden) return null;
  for (const block of blocks) builder.add({ ...block, page });
  for (const text of besideSlide(file, part)) builder.add({ kind: 'paragraph', text, page });
  return blocks.find(({ kind }) => kind === 'heading')?.text ?? null;
}

/** The texts of a slide's diagrams, then its speaker notes. */
function besideSlide(file: OfficePackage, part: string): string[] {
  const related = file.relationshipsOf(part).filter((relationship) => file.has(relationship.part));
  const blocksOf = (wanted: string) =>
    related
      .filter(({ type }) => type === wanted)
      .flatMap((relationship) => readSlide(file.read(relationship.part), file.linksOf(relationship.part)).blocks);
  const notes = blocksOf('notesSlide').filter(({ isBody }) => isBody);
  return [...blocksOf('diagramData'), ...notes].map(({ text }) => text.replace(/^- /, ''));
}
