import type { Principal } from '../identity/principal.ts';
import { offersTools } from '../tools/tool-permissions.ts';
import type { ToolRegistry, ToolSet } from '../tools/tool-registry.ts';

/** Tools of remote servers are kept by their source; a turn does not wait long for those that are not. */
const TIMEOUT_MILLISECONDS = 5_000;

/** The tools of a principal's tenant, if its policy lets any be called and the turn wants any. */
export async function loadTools(
  registry: ToolRegistry,
  principal: Principal,
  wanted: readonly string[] | undefined,
): Promise<ToolSet> {
  if (!offersTools(principal.tenantChain[0].policy, wanted)) return new Map();
  return registry.tools(principal, AbortSignal.timeout(TIMEOUT_MILLISECONDS));
}
