import type { ExtractedBlock } from '../extraction/extracted-document.ts';
import { type ChunkDraft, toDraft, tokensOf, tokensWith } from './chunk-draft.ts';
import { type Packing, packPieces } from './pack-pieces.ts';
import type { Piece } from './piece.ts';

interface Section {
  readonly path: readonly string[];
  readonly pieces: Piece[];
}

const SMALL_SHARE = 0.25;

/**
 * Packs each section into chunks of its own. A small section goes together with the next one beside or below it when
 * both fit, and a bare heading always goes with what follows.
 */
export function chunkByStructure(
  pieces: readonly Piece[],
  paths: ReadonlyMap<ExtractedBlock, readonly string[]>,
  packing: Packing,
): ChunkDraft[] {
  const drafts: ChunkDraft[] = [];
  let open: Section | null = null;
  let draft = toDraft();
  for (const section of toSections(pieces, paths)) {
    if (open && !joins(open, draft, section, packing.maxTokens)) {
      drafts.push(draft);
      draft = toDraft();
      open = null;
    }
    const packed = packPieces(section.pieces, packing, draft);
    open = packed.length > 1 ? section : (open ?? section);
    draft = packed.pop() ?? toDraft();
    for (const full of packed) drafts.push(full);
  }
  if (draft.pieces.length > 0) drafts.push(draft);
  return drafts;
}

function joins(open: Section, draft: ChunkDraft, next: Section, maxTokens: number): boolean {
  const parent = open.path.slice(0, -1);
  const besideOrBelow = next.path.length > parent.length && parent.every((title, index) => next.path[index] === title);
  if (draft.isBare) return besideOrBelow && tokensWith(draft, next.pieces.slice(0, 2)) <= maxTokens;
  const nextTokens = tokensOf(next.pieces);
  const small = Math.min(draft.tokens, nextTokens) < SMALL_SHARE * maxTokens;
  return besideOrBelow && small && tokensWith(draft, next.pieces) <= maxTokens;
}

function toSections(pieces: readonly Piece[], paths: ReadonlyMap<ExtractedBlock, readonly string[]>): Section[] {
  const sections: Section[] = [];
  for (const piece of pieces) {
    const path = paths.get(piece.block) ?? [];
    const section = sections.at(-1);
    if (section?.path === path) section.pieces.push(piece);
    else sections.push({ path, pieces: [piece] });
  }
  return sections;
}
