import type { z } from 'zod';
import type { Permission } from '../contracts/me.ts';
import type { Principal } from '../identity/principal.ts';

/** Something of ours that MCP clients can call as the principal who signed in. */
export interface McpTool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Who lacks it is not told of the tool. */
  readonly permission: Permission;
  readonly input: I;
  readonly output: O;
  run(principal: Principal, input: z.output<I>): Promise<z.output<O>>;
  /** The same for clients that read no structured content. */
  asText(output: z.output<O>): string;
}

/** Declares a tool with its types inferred, as one among many. */
export const mcpTool = <I extends z.ZodObject, O extends z.ZodObject>(tool: McpTool<I, O>): McpTool =>
  tool as unknown as McpTool;
