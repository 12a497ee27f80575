import { z } from 'zod';
import { TenantId, Timestamp, UserId } from './identifiers.ts';
import { Permission } from './me.ts';

const MAX_GROUPS_CHARACTERS = 8_000;
const ULID = '[0-9A-HJKMNP-TV-Z]{26}';

export const ResourceAction = z.enum(['knowledge-base:read', 'knowledge-base:manage', 'document:read']);
export type ResourceAction = z.infer<typeof ResourceAction>;

const RESOURCE_OF: Readonly<Record<ResourceAction, RegExp>> = {
  'knowledge-base:read': new RegExp(`^kb_${ULID}$`),
  'knowledge-base:manage': new RegExp(`^kb_${ULID}$`),
  'document:read': new RegExp(`^kb_${ULID}/doc_${ULID}$`),
};

export const ExplainAccessQuery = z
  .strictObject({
    user: UserId,
    tenantId: TenantId.optional().meta({ description: 'Left out: your own tenant' }),
    action: z.union([ResourceAction, Permission]),
    resource: z.string().optional().meta({ description: '`kb_…` or `kb_…/doc_…`; none for a permission' }),
    groups: z
      .string()
      .max(MAX_GROUPS_CHARACTERS)
      .transform((text) => text.split(',').filter((group) => group !== ''))
      .pipe(z.array(z.guid()))
      .optional()
      .meta({ description: 'Entra group ids of the person, with commas. Left out: looked up, where that is set up' }),
  })
  .refine(({ action, resource }) => isResourceOf(action, resource), {
    path: ['resource'],
    message: 'must be `kb_…` for a knowledge base, `kb_…/doc_…` for a document, and left out for a permission',
  });
export type ExplainAccessQuery = z.infer<typeof ExplainAccessQuery>;

function isResourceOf(action: Permission | ResourceAction, resource: string | undefined): boolean {
  const { data } = ResourceAction.safeParse(action);
  return data ? RESOURCE_OF[data].test(resource ?? '') : resource === undefined;
}

export const AccessReason = z.object({
  kind: z
    .enum(['role', 'policy', 'status', 'access-list', 'owner', 'missing'])
    .meta({ description: '`missing` and `status` speak against it, `policy` either way, the others for it' }),
  detail: z.string(),
});
export type AccessReason = z.infer<typeof AccessReason>;

export const AccessExplanation = z
  .object({
    allowed: z.boolean(),
    because: z.array(AccessReason),
    basedOn: z.object({
      rolesAsOf: Timestamp.meta({ description: 'When the person last came; roles of the token are from then' }),
      groups: z.enum(['given', 'looked-up', 'unknown']),
    }),
  })
  .meta({ id: 'AccessExplanation' });
export type AccessExplanation = z.infer<typeof AccessExplanation>;
