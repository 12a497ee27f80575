import { type Policy, ToolPermission } from '../contracts/policy.ts';
import type { Tool } from './tool.ts';
import type { ToolSet } from './tool-registry.ts';

const STRICTNESS = ToolPermission.options;

type ToolPolicy = Pick<Policy, 'tools' | 'toolPermissions'>;

/** What happens when a model asks for a tool. A policy that lists no tools allows none. */
export function toolPermission(
  { tools, toolPermissions = {} }: ToolPolicy,
  { name, defaultPermission, leastPermission = 'allow' }: Pick<Tool, 'name' | 'defaultPermission' | 'leastPermission'>,
): ToolPermission {
  if (!tools?.includes(name)) return 'deny';
  const said = (Object.hasOwn(toolPermissions, name) && toolPermissions[name]) || defaultPermission;
  const stricter = Math.max(STRICTNESS.indexOf(said), STRICTNESS.indexOf(leastPermission));
  return STRICTNESS[stricter] ?? 'deny';
}

/** Whether a policy lets any of the wanted tools be called, so that it is worth asking for them. */
export function offersTools({ tools = [] }: ToolPolicy, wanted: readonly string[] | undefined): boolean {
  return tools.some((name) => wanted === undefined || wanted.includes(name));
}

/** The tools that a model is told about: those that a policy does not deny, and of them the wanted ones. */
export function offeredTools(policy: ToolPolicy, tools: ToolSet, wanted: readonly string[] | undefined): Tool[] {
  return [...tools.values()].filter(
    (tool) => toolPermission(policy, tool) !== 'deny' && (wanted === undefined || wanted.includes(tool.name)),
  );
}
