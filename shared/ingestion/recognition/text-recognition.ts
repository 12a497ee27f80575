import type { RawBlock } from '../extraction/document-builder.ts';

/** What was read in the pictures of a file. */
export interface RecognizedText {
  readonly pageCount: number;
  /** In reading order. */
  readonly blocks: readonly RawBlock[];
}

/** Reads text in pictures (OCR), for files that have no other. */
export interface TextRecognition {
  /** By which its pages are on the ledger and have their price. */
  readonly model: string;
  /**
   * Resolves with null when the file itself is the reason that nothing can be read in it.
   *
   * Throws `AppError` when the service is busy or down, and trying again later makes sense.
   */
  recognize(bytes: Uint8Array): Promise<RecognizedText | null>;
}
