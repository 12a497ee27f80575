import { unescapeXml } from './passages.ts';

const TOOL_RESULT = /^\s*<tool-result\b[^>]*>\n?([\s\S]*?)\n?<\/tool-result>\s*$/;

/** What a tool answered, taken out of the element that a prompt may have put it into. */
export function toolAnswer(content: string): string {
  const inner = TOOL_RESULT.exec(content)?.[1];
  return inner === undefined ? content : unescapeXml(inner);
}
