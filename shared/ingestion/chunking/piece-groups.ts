import type { BlockKind } from '../extraction/extracted-document.ts';
import { tokensOf } from './chunk-draft.ts';
import type { Piece } from './piece.ts';

/** Kinds whose blocks belong together where they follow one another. */
const TOGETHER: ReadonlySet<BlockKind> = new Set(['list-item', 'table-row']);
const LED_IN: ReadonlySet<BlockKind> = new Set(['list-item', 'table-row', 'code']);
const LEAD_IN = /[:：]$/;

/**
 * Pieces that should stand in one chunk: a list, the rows of a table; with the line that leads in to them or to code
 * (`as follows:`), and headings with what they head, where all has at most `maxTokens`. A list or table that has more
 * ends a group there, as it must be cut anyway.
 */
export function toGroups(text: string, pieces: readonly Piece[], maxTokens: number): Piece[][] {
  const groups: Piece[][] = [];
  let tokens = 0;
  for (const run of toRuns(pieces, maxTokens)) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    const following = run.reduce((sum, piece) => sum + piece.tokens, 0);
    if (group && last && leadsIn(text, last, run[0]) && tokens + following <= maxTokens) {
      group.push(...run);
      tokens += following;
    } else {
      groups.push(run);
      tokens = tokensOf(run);
    }
  }
  return groups;
}

function toRuns(pieces: readonly Piece[], maxTokens: number): Piece[][] {
  const runs: Piece[][] = [];
  let tokens = 0;
  for (const piece of pieces) {
    const run = runs.at(-1);
    const { kind } = piece.block;
    if (run && tokens <= maxTokens && TOGETHER.has(kind) && run.at(-1)?.block.kind === kind) {
      run.push(piece);
      tokens += piece.tokens;
    } else {
      runs.push([piece]);
      tokens = piece.tokens;
    }
  }
  return runs;
}

function leadsIn(text: string, { block, end }: Piece, next: Piece | undefined): boolean {
  if (!next || block.kind === 'heading') return block.kind === 'heading';
  const isLead = block.kind === 'paragraph' && LEAD_IN.test(text.slice(end - 1, end));
  return isLead && LED_IN.has(next.block.kind);
}
