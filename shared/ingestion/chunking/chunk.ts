export type ChunkingStrategy = 'fixed' | 'paragraph' | 'structure';

export interface ChunkingOptions {
  readonly strategy: ChunkingStrategy;
  /** No chunk has more. */
  readonly maxTokens: number;
  /** What a chunk repeats from the end of the one before, at most. */
  readonly overlapTokens: number;
  /** What a chunk and the text around it have together, at most; 0: none is kept. */
  readonly surroundingTokens: number;
}

export const defaultChunkingOptions: ChunkingOptions = {
  strategy: 'structure',
  maxTokens: 400,
  overlapTokens: 60,
  surroundingTokens: 0,
};

/** A chunk with the text around it, for whoever reads it; `text` is exactly `document.text.slice(start, end)`. */
export interface Surroundings {
  readonly text: string;
  /** In UTF-16 units, half-open. */
  readonly start: number;
  readonly end: number;
}

/** A passage to search for; `text` is exactly `document.text.slice(start, end)`. */
export interface Chunk {
  /** Position in the document, from 0. */
  readonly index: number;
  readonly text: string;
  readonly tokens: number;
  /** The headings above it, the highest first. */
  readonly headingPath: string[];
  /** The first row of the table that it goes on with; null when it begins with none, or has that row. */
  readonly tableHeader: string | null;
  /** Where it begins, 1-based; null for formats without pages. */
  readonly page: number | null;
  /** In UTF-16 units, half-open. */
  readonly start: number;
  readonly end: number;
  /** null when none were asked for, or there is nothing around it. */
  readonly surroundings: Surroundings | null;
}
