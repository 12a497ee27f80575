import type { Passage } from '../knowledge/retrieval.ts';
import { escapeText } from './escape-markup.ts';
import { passageBlock } from './passage-block.ts';

/** What a tool gave, as the content of its message: escaped data that can forge no passage, then its passages. */
export function toolResult(
  { text, passages = [] }: { readonly text: string; readonly passages?: readonly Passage[] },
  firstNumber: number,
): string {
  const blocks = passages.map((passage, index) => passageBlock(passage, firstNumber + index));
  return [...(text === '' ? [] : [escapeText(text)]), ...blocks].join('\n\n');
}
