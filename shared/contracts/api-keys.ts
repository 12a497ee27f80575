import { z } from 'zod';
import { ApiKeyId, KnowledgeBaseId, PrincipalId, TenantId, Timestamp } from './identifiers.ts';
import { Permission } from './me.ts';

const MAX_KNOWLEDGE_BASES = 100;

/** What a program may be allowed. To administer is for people. */
export const ApiKeyPermission = Permission.exclude(['tools:admin', 'tenant:admin', 'platform:admin']).meta({
  id: 'ApiKeyPermission',
});

const fields = {
  name: z.string().trim().min(1).max(100),
  permissions: z
    .array(ApiKeyPermission)
    .min(1)
    .max(ApiKeyPermission.options.length)
    .meta({ description: 'At most those of who creates the key' }),
  knowledgeBaseIds: z
    .array(KnowledgeBaseId)
    .max(MAX_KNOWLEDGE_BASES)
    .nullable()
    .meta({ description: 'The only ones that the key may touch; null: as their access lists say' }),
  expiresAt: Timestamp.meta({ description: 'Within a year' }),
};

export const ApiKey = z
  .object({
    ...fields,
    id: ApiKeyId,
    tenantId: TenantId,
    createdBy: PrincipalId,
    createdAt: Timestamp,
    revokedAt: Timestamp.nullable(),
    lastUsedAt: Timestamp.nullable().meta({ description: 'To the minute' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof ApiKey>;

export const CreateApiKey = z
  .strictObject({ ...fields, knowledgeBaseIds: fields.knowledgeBaseIds.default(null) })
  .meta({ id: 'CreateApiKey' });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const CreatedApiKey = ApiKey.extend({
  secret: z
    .string()
    .nullable()
    .meta({ description: 'What the program sends; shown this once, and null when the answer is replayed' }),
  notice: z.string(),
}).meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;
