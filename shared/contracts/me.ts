import { z } from 'zod';
import { Role } from './access.ts';
import { PrincipalId, TenantId } from './identifiers.ts';

export const Permission = z
  .enum([
    'chat:use',
    'knowledge:read',
    'knowledge:write',
    'knowledge:admin',
    'usage:read',
    'audit:read',
    'tools:admin',
    'tenant:admin',
    'platform:admin',
  ])
  .meta({ id: 'Permission' });
export type Permission = z.infer<typeof Permission>;

export const Me = z
  .object({
    userId: PrincipalId,
    displayName: z.string(),
    tenant: z.object({ id: TenantId, name: z.string() }),
    roles: z.array(Role),
    permissions: z.array(Permission),
    groups: z.array(z.string()),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;
