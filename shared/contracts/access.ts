import { z } from 'zod';
import { PrincipalId } from './identifiers.ts';

const MAX_GRANTS = 200;

export const Role = z
  .enum(['Member', 'KnowledgeManager', 'Auditor', 'FinanceViewer', 'TenantAdmin', 'PlatformAdmin'])
  .meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

/** Who may read: everybody of the tenant, or exactly the people, groups and roles named. An empty list lets nobody in. */
export const Access = z
  .strictObject({
    visibility: z.enum(['tenant', 'restricted']),
    users: z.array(PrincipalId).max(MAX_GRANTS).default([]),
    groups: z.array(z.guid()).max(MAX_GRANTS).default([]).meta({ description: 'Entra group object ids' }),
    roles: z.array(Role).max(MAX_GRANTS).default([]),
  })
  .meta({ id: 'Access' });
export type Access = z.infer<typeof Access>;
