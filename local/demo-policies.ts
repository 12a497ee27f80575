import type { Policy } from '../shared/contracts/policy.ts';
import type { tenants } from './people.ts';

/** What the demo companies allow: Contoso enough that tools, approval and cached answers can be seen, Fabrikam no tools. */
export const demoPolicies: Readonly<Record<keyof typeof tenants, Policy>> = {
  contoso: {
    tools: ['search_knowledge', 'read_document', 'current_time', 'calculator'],
    toolPermissions: { calculator: 'ask' },
    semanticCache: { enabled: true },
  },
  fabrikam: {},
};
