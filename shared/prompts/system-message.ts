import type { Passage } from '../knowledge/passage.ts';
import { groundedPrompt } from './grounded-prompt.ts';
import { passageBlock } from './passage-block.ts';
import { plainPrompt } from './plain-prompt.ts';
import { versionOf } from './prompt.ts';
import { guidanceBlock, guidanceVersion } from './tenant-guidance.ts';
import { toolsPrompt } from './tools-prompt.ts';

export interface PromptOptions {
  /** What the tenant's policy adds. */
  readonly instructions?: string | undefined;
  readonly hasTools?: boolean | undefined;
}

/**
 * How to answer, what the tenant adds, and the passages as escaped data; null: nothing was searched. What changes least
 * comes first, so that services can keep the beginning in their prompt caches.
 */
export function systemMessage(
  passages: readonly Passage[] | null,
  { instructions, hasTools = false }: PromptOptions = {},
): { readonly role: 'system'; readonly content: string } {
  const parts = [
    (passages === null ? plainPrompt : groundedPrompt).text,
    ...(hasTools ? [toolsPrompt.text] : []),
    ...(instructions ? [guidanceBlock(instructions)] : []),
    ...(passages ?? []).map((passage, index) => passageBlock(passage, index + 1)),
  ];
  return { role: 'system', content: parts.join('\n\n') };
}

/** The versions of all that a system message is made of but its passages, such as `grounded@1+tools@1`. */
export function promptVersion(isGrounded: boolean, { instructions, hasTools = false }: PromptOptions = {}): string {
  return [
    versionOf(isGrounded ? groundedPrompt : plainPrompt),
    ...(hasTools ? [versionOf(toolsPrompt)] : []),
    ...(instructions ? [guidanceVersion(instructions)] : []),
  ].join('+');
}
