import { z } from 'zod';
import { TenantId, Timestamp } from './identifiers.ts';
import { PageQuery } from './paging.ts';

/** What happened, in the past tense: `knowledge-base.created`, `sign-in.denied`, `retrieval.done`. */
export const AuditAction = z.string().regex(/^[a-z-]+\.[a-z-]+$/);
export const AuditOutcome = z.enum(['allowed', 'denied', 'failed']);

/** One act on record. It names things by id; message and document text are never in it. */
export const AuditItem = z
  .object({
    id: z.string(),
    tenantId: TenantId,
    at: Timestamp,
    action: AuditAction,
    outcome: AuditOutcome,
    actor: z.object({ kind: z.enum(['user', 'service', 'system']), id: z.string(), name: z.string() }),
    subject: z.string().nullable().meta({ description: 'The id of what was acted on' }),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
    traceId: z.string(),
  })
  .meta({ id: 'AuditItem' });
export type AuditItem = z.infer<typeof AuditItem>;

const MAX_ID_CHARACTERS = 200;
const OfTenant = { tenantId: TenantId.optional().meta({ description: 'Left out: your own tenant' }) };

export const AuditFilter = z.strictObject({
  action: AuditAction.optional(),
  actor: z.string().max(MAX_ID_CHARACTERS).optional().meta({ description: 'The id of who acted' }),
  subject: z.string().max(MAX_ID_CHARACTERS).optional(),
  outcome: AuditOutcome.optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

/** Newest first. */
export const AuditQuery = PageQuery.extend({
  ...OfTenant,
  ...AuditFilter.shape,
  from: Timestamp.optional().meta({ description: 'Left out: 90 days before `to`' }),
  to: Timestamp.optional().meta({ description: 'Not included. Left out: now' }),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

const MAX_EXPORT_DAYS = 31;
const DAY_MILLISECONDS = 86_400_000;

export const AuditExportQuery = z
  .strictObject({
    ...OfTenant,
    from: Timestamp,
    to: Timestamp.meta({ description: `Not included; at most ${MAX_EXPORT_DAYS} days after \`from\`` }),
    after: z
      .string()
      .regex(/^aud_[0-9A-HJKMNP-TV-Z]{26}$/)
      .optional()
      .meta({ description: 'The `continuesAfter` of the export before' }),
  })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) <= MAX_EXPORT_DAYS * DAY_MILLISECONDS, {
    path: ['to'],
    message: `must be at most ${MAX_EXPORT_DAYS} days after from`,
  });
export type AuditExportQuery = z.infer<typeof AuditExportQuery>;

export const AuditVerifyQuery = z.strictObject({
  ...OfTenant,
  fromBlock: z.coerce
    .number()
    .int()
    .positive()
    .default(1)
    .meta({ description: 'The `nextBlock` of the report before' }),
});
export type AuditVerifyQuery = z.infer<typeof AuditVerifyQuery>;

export const AuditProblem = z
  .object({
    kind: z.enum([
      'missing-block',
      'unreadable-block',
      'changed-block',
      'misplaced-block',
      'broken-chain',
      'missing-item',
      'changed-item',
      'inserted-item',
      'reordered-item',
    ]),
    block: z.number().int().positive(),
    itemId: z.string().nullable(),
  })
  .meta({ id: 'AuditProblem' });
export type AuditProblem = z.infer<typeof AuditProblem>;

/** What a check of sealed blocks against each other and against the acts on record found. */
export const AuditReport = z
  .object({
    tenantId: TenantId,
    blocks: z.number().int().nonnegative(),
    items: z.number().int().nonnegative(),
    problemCount: z.number().int().nonnegative(),
    problems: z.array(AuditProblem).meta({ description: 'The first 200' }),
    head: z
      .object({ sequence: z.number().int(), hash: z.string(), lastId: z.string() })
      .nullable()
      .meta({ description: 'The last block that was checked. Keep it elsewhere to notice if the end is ever cut off' }),
    nextBlock: z.number().int().nullable().meta({ description: 'Where to go on; null when all has been checked' }),
  })
  .meta({ id: 'AuditReport' });
export type AuditReport = z.infer<typeof AuditReport>;
