import mammoth from 'mammoth';
import { createDocumentBuilder } from '../document-builder.ts';
import type { ExtractedDocument } from '../extracted-document.ts';
import { ExtractionError } from '../extraction-error.ts';
import type { ParsingLimits } from '../extraction-limits.ts';
import { addHtmlPage, decodeHtml, isHtmlPage } from '../html/html-page.ts';
import { type OfficePackage, openOfficePackage } from '../office/office-package.ts';
import { addDocxBlocks, type DocxTree, docxTitle } from './docx-blocks.ts';
import { embeddedChunks, hiddenStyles, toDocxPackage } from './docx-package.ts';

/**
 * Reads a Word document: headings, lists, tables, notes and text boxes; tracked changes as accepted, no comments, and
 * nothing that is hidden. Pages of HTML that it takes in stand at its end.
 *
 * Nothing outside the file is ever read. Throws `damaged`, `encrypted`, `too-large` or `no-text`.
 */
export async function extractDocx(bytes: Uint8Array, limits: ParsingLimits): Promise<ExtractedDocument> {
  const file = openOfficePackage(bytes, limits.maxDecompressedBytes);
  const tree = await readTree(file);
  const builder = createDocumentBuilder(limits.maxTextCharacters);
  addDocxBlocks(tree, hiddenStyles(file), builder);
  for (const page of embeddedChunks(file).map(decodeHtml).filter(isHtmlPage)) addHtmlPage(page, builder);
  return builder.finish({
    mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    title: docxTitle(tree),
    pageCount: null,
  });
}

async function readTree(opened: OfficePackage): Promise<DocxTree> {
  const file = toDocxPackage(opened);
  const captured: DocxTree[] = [];
  const capture = (tree: DocxTree) => {
    captured.push(tree);
    // The tree is all that is wanted; an empty one spares making HTML of it.
    return { ...tree, children: [] };
  };
  try {
    // mammoth takes an opened archive as `file`, which its types leave out.
    const input = { file } as unknown as { buffer: Buffer };
    await mammoth.convertToHtml(input, {
      transformDocument: capture,
      externalFileAccess: false,
      includeEmbeddedStyleMap: false,
    });
  } catch (cause) {
    throw cause instanceof ExtractionError ? cause : new ExtractionError('damaged', { cause });
  }
  const [tree] = captured;
  if (!tree) throw new ExtractionError('damaged');
  return tree;
}
