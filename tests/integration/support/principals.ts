import { randomUUID } from 'node:crypto';
import type { Policy } from '../../../shared/contracts/policy.ts';
import type { Principal } from '../../../shared/identity/principal.ts';

/** Somebody as the authenticator would describe them, for tests of services below the edge. */
export function principalOf(
  tenantId: string,
  facts: Partial<Principal> & { readonly policy?: Policy } = {},
): Principal {
  const { policy = {}, ...rest } = facts;
  return {
    kind: 'user',
    tenantId,
    tenantName: 'Test tenant',
    tenantChain: [{ id: tenantId, policy }],
    userId: randomUUID(),
    displayName: '',
    roles: [],
    groups: [],
    permissions: new Set(['chat:use', 'knowledge:read'] as const),
    knowledgeBaseIds: null,
    ...rest,
  };
}
