export type ChunkingStrategy = 'fixed' | 'paragraph' | 'structure';

export interface ChunkingOptions {
  readonly strategy: ChunkingStrategy;
  /** No chunk has more. */
  readonly maxTokens: number;
  /** What a chunk repeats from the end of the one before, at most. */
  readonly overlapTokens: number;
}

export const defaultChunkingOptions: ChunkingOptions = { strategy: 'structure', maxTokens: 400, overlapTokens: 60 };

/** A passage to search for; `text` is exactly `document.text.slice(start, end)`. */
export interface Chunk {
  /** Position in the document, from 0. */
  readonly index: number;
  readonly text: string;
  readonly tokens: number;
  /** The headings above it, the highest first. */
  readonly headingPath: string[];
  /** Where it begins, 1-based; null for formats without pages. */
  readonly page: number | null;
  /** In UTF-16 units, half-open. */
  readonly start: number;
  readonly end: number;
}
