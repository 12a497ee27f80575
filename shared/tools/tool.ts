import type { z } from 'zod';
import type { KnowledgeBaseId, RunId } from '../contracts/identifiers.ts';
import type { SearchFilters } from '../contracts/search-filters.ts';
import type { Principal } from '../identity/principal.ts';
import type { Passage } from '../knowledge/passage.ts';

/** For whom and in which run a tool runs. */
export interface ToolContext {
  /** Whoever asked: a tool may do and see what this principal may, and nothing else. */
  readonly principal: Principal;
  readonly runId: RunId;
  /** The knowledge bases that the conversation is held to. Left out: all that the principal may see. */
  readonly knowledgeBaseIds?: readonly KnowledgeBaseId[] | undefined;
  /** What searches for the turn are narrowed to. */
  readonly filters?: SearchFilters | undefined;
  /** Aborts when the run is stopped or the tool's time is up. */
  readonly signal: AbortSignal;
}

export interface ToolResult {
  /** For the model, as untrusted data; cut at the tool's limit. */
  readonly text: string;
  /** Passages that an answer may cite; they get the next numbers of the run. */
  readonly passages?: readonly Passage[];
}

/** Something that a model may ask for. The caller's arguments are checked before `run` gets them. */
export interface Tool<I = unknown> {
  /** Letters, digits, dashes and underscores; of a remote server's tool `{server}__{tool}`. */
  readonly name: string;
  readonly description: string;
  /** Checks the arguments, and becomes the JSON Schema that the model is told. */
  readonly input: z.ZodType<I> | { readonly jsonSchema: Readonly<Record<string, unknown>> };
  /** What the policy is taken to say where it names the tool but no permission for it. */
  readonly defaultPermission: 'allow' | 'ask';
  /** The least strict that any policy can make it; left out, `allow`. A policy and this: the stricter counts. */
  readonly leastPermission?: 'allow' | 'ask';
  readonly timeoutMilliseconds: number;
  readonly maxResultCharacters: number;
  /** @throws AppError whose message the model may read. */
  run(input: I, context: ToolContext): Promise<ToolResult>;
}

/** Where tools come from: our own, or those of a tenant's remote servers. */
export interface ToolSource {
  /** Every tool that a principal's tenant has, whatever its policy says of them. Never fails: what is down is left out. */
  tools(principal: Principal, signal: AbortSignal): Promise<readonly Tool[]>;
}
