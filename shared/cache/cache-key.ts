import { createHash } from 'node:crypto';
import type { TenantId } from '../contracts/identifiers.ts';
import { grantsHeldBy, type Principal } from '../identity/principal.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';

declare const checked: unique symbol;

/** What must be the same for an answer to be given again. Only `cacheKey` makes one, so nothing is read without a tenant. */
export interface CacheKey {
  readonly [checked]: true;
  readonly tenantId: TenantId;
  /** Fingerprint of what the asker may find: the knowledge bases, and the grants that make a difference in them. */
  readonly access: string;
  /** Fingerprint of the state in which these were read. */
  readonly knowledge: string;
  readonly model: string;
  /** Version of the system prompt, with the tools that were offered. */
  readonly prompt: string;
}

export interface CacheKeyFacts {
  /** What is searched; empty when nothing is. */
  readonly knowledgeBases: readonly SearchableKnowledgeBase[];
  readonly model: string;
  readonly promptVersion: string;
  /** Names of the tools that the model may call. */
  readonly tools: readonly string[];
}

export function cacheKey(principal: Principal, facts: CacheKeyFacts): CacheKey {
  const knowledgeBases = facts.knowledgeBases.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const ids = knowledgeBases.map(({ id }) => id);
  return {
    tenantId: principal.tenantId,
    access: fingerprint([ids, telling(grantsHeldBy(principal), knowledgeBases)]),
    knowledge: fingerprint(knowledgeBases.map(({ id, content }) => [id, content.version])),
    model: facts.model,
    prompt:
      facts.tools.length === 0 ? facts.promptVersion : `${facts.promptVersion}+${fingerprint(facts.tools.toSorted())}`,
  } as unknown as CacheKey;
}

/** The grants that let somebody find what others cannot; all of them where that is not known. */
function telling(held: readonly string[], knowledgeBases: readonly SearchableKnowledgeBase[]): string[] {
  const named = knowledgeBases.map(({ content }) => content.grants);
  const isKnown = named.every((grants) => grants !== null);
  const differing = new Set(named.flatMap((grants) => grants ?? []));
  return held.filter((grant) => !isKnown || differing.has(grant)).sort();
}

const fingerprint = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url');
