import { detectMediaType, type FileClaims } from './detect-media-type.ts';
import type { ExtractedDocument } from './extracted-document.ts';
import type { ParsingLimits } from './extraction-limits.ts';

/**
 * Turns a file's bytes into text and structure in the calling thread; each parser is loaded when first needed.
 *
 * For files from outside use `createExtractor`, which bounds time and memory too. Throws `ExtractionError`.
 */
export async function extractDocument(
  bytes: Uint8Array,
  { limits, ...claims }: FileClaims & { readonly limits: ParsingLimits },
): Promise<ExtractedDocument> {
  switch (await detectMediaType(bytes, claims)) {
    case 'application/pdf':
      return (await import('./pdf/extract-pdf.ts')).extractPdf(bytes, limits);
    case 'application/vnd.openxmlformats-officedocument.wordprocessingml.document':
      return (await import('./docx/extract-docx.ts')).extractDocx(bytes, limits);
    case 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet':
      return (await import('./spreadsheet/extract-xlsx.ts')).extractXlsx(bytes, limits);
    case 'application/vnd.openxmlformats-officedocument.presentationml.presentation':
      return (await import('./presentation/extract-pptx.ts')).extractPptx(bytes, limits);
    case 'text/html':
      return (await import('./html/extract-html.ts')).extractHtml(bytes, limits);
    case 'text/csv':
      return (await import('./spreadsheet/extract-csv.ts')).extractCsv(bytes, limits);
    case 'text/markdown':
      return (await import('./extract-markdown.ts')).extractMarkdown(bytes, limits);
    case 'text/plain':
      return (await import('./extract-text.ts')).extractText(bytes, limits);
  }
}
