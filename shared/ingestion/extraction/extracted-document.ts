/** The kinds of file that can be read, by their real content. */
export type ExtractableMediaType =
  | 'application/pdf'
  | 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  | 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  | 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
  | 'text/html'
  | 'text/csv'
  | 'text/markdown'
  | 'text/plain';

/** Pictures of text, which a service must read. */
export type RecognizableMediaType = 'application/pdf' | 'image/png' | 'image/jpeg' | 'image/tiff';

export type BlockKind = 'heading' | 'paragraph' | 'list-item' | 'table-row' | 'code';

/** A piece of structure; its text is `document.text.slice(start, end)`. */
export interface ExtractedBlock {
  readonly kind: BlockKind;
  /** Span in the document's text, in UTF-16 units, half-open. */
  readonly start: number;
  readonly end: number;
  /** Only for headings: 1 is the highest. */
  readonly level?: number;
  /** 1-based, where the format has pages. */
  readonly page?: number;
}

/**
 * What a file says, without its looks.
 *
 * `text` is NFC, with `\n` line ends and without control or invisible characters. Blocks are in reading order, do not
 * overlap, and leave nothing but white space between them.
 */
export interface ExtractedDocument {
  readonly mediaType: ExtractableMediaType | RecognizableMediaType;
  readonly title: string | null;
  readonly text: string;
  readonly pageCount: number | null;
  readonly blocks: readonly ExtractedBlock[];
}
