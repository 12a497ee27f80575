import type { BlockKind, ExtractedBlock } from '../extraction/extracted-document.ts';
import { type CountTokens, joinPieces, type Piece, toPiece } from './piece.ts';
import { type Grain, hasNoSpaces, type Span, spansAt, trimSpan } from './spans.ts';

const FINEST: readonly Grain[] = ['word', 'script', 'character'];
const grainsByKind: Readonly<Record<BlockKind, readonly Grain[]>> = {
  heading: ['sentence', ...FINEST],
  paragraph: ['sentence', ...FINEST],
  'list-item': ['sentence', ...FINEST],
  'table-row': ['cell', 'sentence', ...FINEST],
  code: ['line', ...FINEST],
};

/** A text of so many characters for each token of the limit is hardly within it, so its words are counted rather. */
const USUAL_CHARACTERS_PER_TOKEN = 6;
/** Parts of a word, whose tokens do not add up to those of the word. */
const WITHIN_WORD: ReadonlySet<Grain | undefined> = new Set(['script', 'character']);
/** A word that is longer is cut where its script shows words. */
const LONGEST_WORD = 12;

/** Cuts a block only as finely as it takes for each piece to have at most `maxTokens`. */
export function cutBlock(text: string, block: ExtractedBlock, maxTokens: number, countTokens: CountTokens): Piece[] {
  return cut({ text, block, maxTokens, countTokens }, trimSpan(text, block), grainsByKind[block.kind]);
}

/** Cuts a block into its words, but leaves a row of a table whole that has at most `maxTokens`. */
export function wordPieces(text: string, block: ExtractedBlock, maxTokens: number, countTokens: CountTokens): Piece[] {
  const cutting = { text, block, maxTokens, countTokens };
  if (block.kind === 'table-row') return cut(cutting, trimSpan(text, block), grainsByKind['table-row']);
  return spansAt('word', text, block, maxTokens).flatMap((span) => {
    const isUnspaced = span.end - span.start > LONGEST_WORD && hasNoSpaces(text, span);
    if (!isUnspaced) return cut(cutting, span, ['character']);
    return spansAt('script', text, span, maxTokens).flatMap((part) => cut(cutting, part, ['character']));
  });
}

interface Cutting {
  readonly text: string;
  readonly block: ExtractedBlock;
  readonly maxTokens: number;
  readonly countTokens: CountTokens;
}

function cut(cutting: Cutting, span: Span, grains: readonly Grain[]): Piece[] {
  const { text, block, maxTokens, countTokens } = cutting;
  const [grain, ...finer] = grains;
  const isLong = !WITHIN_WORD.has(grain) && span.end - span.start > USUAL_CHARACTERS_PER_TOKEN * maxTokens;
  if (grain === undefined || !isLong) {
    const whole = toPiece(text, span, block, countTokens);
    if (grain === undefined || whole.tokensFirst <= maxTokens) return [whole];
  }
  const spans = spansAt(grain, text, span, maxTokens);
  const [only] = spans;
  if (spans.length === 1 && only?.start === span.start && only.end === span.end) return cut(cutting, span, finer);
  const pieces = spans.flatMap((part) => cut(cutting, part, finer));
  // It was long and fits all the same, as tables of blanks or lines do.
  const whole = isLong ? joinPieces(pieces) : null;
  return whole && whole.tokensFirst <= maxTokens ? [whole] : pieces;
}
