import type { Policy } from '../contracts/policy.ts';
import type { ModelToolCall } from '../models/chat-model.ts';
import type { Tool } from './tool.ts';
import { checkInput } from './tool-input.ts';
import { toolPermission } from './tool-permissions.ts';
import type { ToolSet } from './tool-registry.ts';

/** What becomes of a call. */
export type Verdict =
  | { readonly kind: 'run' | 'ask'; readonly tool: Tool; readonly input: unknown }
  /** It will not run; the model reads why. */
  | {
      readonly kind: 'denied' | 'invalid';
      readonly tool: Tool | null;
      readonly input: unknown;
      readonly reason: string;
    };

/** Decides on a call by the policy and the tool alone: nothing that was said in a conversation or document counts. */
export function judgeCall(
  call: ModelToolCall,
  tools: ToolSet,
  policy: Pick<Policy, 'tools' | 'toolPermissions'>,
): Verdict {
  const tool = tools.get(call.name) ?? null;
  const permission = tool ? toolPermission(policy, tool) : 'deny';
  if (!tool || permission === 'deny') {
    return { kind: 'denied', tool, input: {}, reason: 'There is no such tool, or it may not be used here.' };
  }
  const checked = checkInput(tool, call.arguments);
  if (!checked.ok) return { kind: 'invalid', tool, input: checked.input, reason: checked.problem };
  return { kind: permission === 'ask' ? 'ask' : 'run', tool, input: checked.input };
}
