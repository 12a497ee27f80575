import { z } from 'zod';
import { ErasureId, PrincipalId, TenantId, Timestamp, UserId } from './identifiers.ts';

const Store = z.string().meta({ example: 'database/sessions' });

/** What became of the wish to erase somebody's data: its receipt once it is done. */
export const Erasure = z
  .object({
    id: ErasureId,
    tenantId: TenantId,
    userId: UserId,
    requestedBy: PrincipalId,
    requestedAt: Timestamp,
    status: z.enum(['waiting', 'running', 'done', 'stopped']),
    completedAt: Timestamp.nullable(),
    reason: z.string().nullable().meta({ description: 'Why it was stopped' }),
    erased: z.array(z.object({ store: Store, what: z.string(), count: z.number().int().nonnegative() })),
    kept: z.array(z.object({ store: Store, why: z.string() })),
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.infer<typeof Erasure>;

export const ErasureMessage = z.object({ tenantId: TenantId, erasureId: ErasureId });
export type ErasureMessage = z.infer<typeof ErasureMessage>;
