import { z } from 'zod';
import { TenantId, Timestamp } from './identifiers.ts';

/** What happened, in the past tense: `knowledge-base.created`, `sign-in.denied`, `retrieval.done`. */
export const AuditAction = z.string().regex(/^[a-z-]+\.[a-z-]+$/);

/** One act on record. It names things by id; message and document text are never in it. */
export const AuditItem = z
  .object({
    id: z.string(),
    tenantId: TenantId,
    at: Timestamp,
    action: AuditAction,
    outcome: z.enum(['allowed', 'denied', 'failed']),
    actor: z.object({ kind: z.enum(['user', 'service', 'system']), id: z.string(), name: z.string() }),
    subject: z.string().nullable().meta({ description: 'The id of what was acted on' }),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
    traceId: z.string(),
  })
  .meta({ id: 'AuditItem' });
export type AuditItem = z.infer<typeof AuditItem>;
