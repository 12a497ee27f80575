import type { Passage } from '../knowledge/passage.ts';
import { escapeAttribute, escapeText } from './escape-markup.ts';
import { passageBlock } from './passage-block.ts';

/** What a tool gave. */
export interface ToolFindings {
  readonly tool: string;
  readonly text: string;
  /** What it found that may be cited, by the numbers to cite it by. */
  readonly passages?: readonly { readonly passage: Passage; readonly number: number }[];
}

/** The result of a tool as escaped data that cannot close its own element and can forge no passage, then its passages. */
export function toolResult({ tool, text, passages = [] }: ToolFindings): string {
  const result = `<tool-result tool="${escapeAttribute(tool)}">\n${escapeText(text)}\n</tool-result>`;
  return [result, ...passages.map(({ passage, number }) => passageBlock(passage, number))].join('\n\n');
}
