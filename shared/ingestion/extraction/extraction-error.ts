export type ExtractionErrorCode =
  | 'encrypted'
  | 'no-text'
  | 'damaged'
  | 'too-large'
  | 'unsupported-type'
  | 'timed-out'
  | 'empty';

const messages: Readonly<Record<ExtractionErrorCode, string>> = {
  encrypted: 'The file is protected with a password. Remove the protection and upload it again.',
  'no-text':
    'The file holds no text, only images or empty pages. Upload a version with text, for example one run through text recognition (OCR).',
  damaged:
    'The file is damaged and cannot be read. Open it in its own program, save it again, and upload the new copy.',
  'too-large': 'The file is too large to be read. Split it into smaller files and upload those.',
  'unsupported-type':
    'This type of file cannot be read. Upload a PDF, Word (DOCX), Excel (XLSX), PowerPoint (PPTX), HTML, CSV, Markdown or plain-text file.',
  'timed-out': 'Reading the file took too long. Split it into smaller files, or save it again in a simpler form.',
  empty: 'The file is empty. Upload a file that has content.',
};

/** Why a file could not be turned into text; the message is for the person who uploaded it and says what to do. */
export class ExtractionError extends Error {
  override readonly name = 'ExtractionError';
  readonly code: ExtractionErrorCode;

  constructor(code: ExtractionErrorCode, options: { readonly message?: string; readonly cause?: unknown } = {}) {
    super(options.message ?? messages[code], { cause: options.cause });
    this.code = code;
  }
}
