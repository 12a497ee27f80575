import { z } from 'zod';
import { TenantId, Timestamp } from './identifiers.ts';
import { Policy } from './policy.ts';

const Name = z.string().trim().min(1).max(100);

/** Which people belong to a tenant: those of an Entra tenant, or only those of one of its groups. */
export const EntraMapping = z
  .strictObject({
    entraTenantId: z.guid().toLowerCase(),
    groupId: z
      .guid()
      .toLowerCase()
      .nullable()
      .default(null)
      .meta({ description: 'null: everybody who is in no mapped group' }),
  })
  .meta({ id: 'EntraMapping' });
export type EntraMapping = z.infer<typeof EntraMapping>;

export const TenantStatus = z.enum(['active', 'suspended']);

export const Tenant = z
  .object({
    id: TenantId,
    name: Name,
    parentId: TenantId.nullable().meta({ description: 'null: an organisation' }),
    mapping: EntraMapping.nullable(),
    status: TenantStatus,
    policy: Policy,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof Tenant>;

export const CreateTenant = z
  .strictObject({
    name: Name,
    parentId: TenantId.nullable().meta({ description: 'null needs platform:admin' }),
    mapping: EntraMapping.nullable().default(null),
    policy: Policy.default({}),
  })
  .meta({ id: 'CreateTenant' });
export type CreateTenant = z.infer<typeof CreateTenant>;

export const UpdateTenant = z
  .strictObject({ name: Name.optional(), status: TenantStatus.optional(), policy: Policy.optional() })
  .meta({ id: 'UpdateTenant' });
export type UpdateTenant = z.infer<typeof UpdateTenant>;

export const MoveTenant = z.strictObject({ parentId: TenantId }).meta({ id: 'MoveTenant' });
