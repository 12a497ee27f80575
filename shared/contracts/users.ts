import { z } from 'zod';
import { Role } from './access.ts';
import { TenantId, Timestamp, UserId } from './identifiers.ts';

export const UserStatus = z.enum(['active', 'suspended']);

/** Our copy of somebody who signed in, with what administrators of the platform added to it. */
export const User = z
  .object({
    userId: UserId,
    tenantId: TenantId,
    displayName: z.string(),
    entraRoles: z.array(Role).meta({ description: 'As the identity provider said at the last sign-in' }),
    assignedRoles: z.array(Role).meta({ description: 'Given by an administrator of the platform, besides those' }),
    status: UserStatus,
    legalHold: z
      .boolean()
      .meta({ description: 'While it is set, neither retention nor an administrator erases anything of this person' }),
    lastSeenAt: Timestamp,
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof User>;

export const UpdateUser = z
  .strictObject({
    status: UserStatus.optional(),
    assignedRoles: z
      .array(Role)
      .max(Role.options.length)
      .transform((roles) => [...new Set(roles)])
      .optional(),
    legalHold: z.boolean().optional(),
  })
  .meta({ id: 'UpdateUser' });
export type UpdateUser = z.infer<typeof UpdateUser>;
