/** The bounds that a parser itself keeps. */
export interface ParsingLimits {
  readonly maxPages: number;
  /** Bytes that really come out of a compressed container, whatever it declares. */
  readonly maxDecompressedBytes: number;
  /** UTF-16 units of extracted text. */
  readonly maxTextCharacters: number;
}

/** The bounds of one extraction; the first two are kept from outside, by ending its thread. */
export interface ExtractionLimits extends ParsingLimits {
  /** JavaScript heap and buffers together. */
  readonly maxHeapMegabytes: number;
  readonly timeoutMilliseconds: number;
}

export const defaultExtractionLimits: ExtractionLimits = {
  maxHeapMegabytes: 384,
  timeoutMilliseconds: 60_000,
  maxPages: 2_000,
  maxDecompressedBytes: 200 * 1024 * 1024,
  maxTextCharacters: 20_000_000,
};
