import type { Principal } from '../identity/principal.ts';
import type { Tool, ToolSource } from './tool.ts';

/** The most tools that a tenant can have at once, whatever its sources bring. */
const MAX_TOOLS = 200;
/** What models accept as the name of a function. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Every tool that a principal's tenant has, by name. */
export type ToolSet = ReadonlyMap<string, Tool>;

export interface ToolRegistry {
  /** Asks all sources at the same time. Of two tools with one name, the one of the earlier source counts. Never fails. */
  tools(principal: Principal, signal: AbortSignal): Promise<ToolSet>;
}

/** Joins sources of tools, such as our own and those of a tenant's remote servers. */
export function createToolRegistry(sources: readonly ToolSource[]): ToolRegistry {
  return {
    async tools(principal, signal) {
      const found = await Promise.all(sources.map((source) => source.tools(principal, signal)));
      const tools = new Map<string, Tool>();
      for (const tool of found.flat()) {
        if (tools.size >= MAX_TOOLS) break;
        if (NAME.test(tool.name) && !tools.has(tool.name)) tools.set(tool.name, tool);
      }
      return tools;
    },
  };
}
