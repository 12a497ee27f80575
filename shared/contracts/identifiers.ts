import { z } from 'zod';

const ulid = '[0-9A-HJKMNP-TV-Z]{26}';

const idWithPrefix = (prefix: string, title: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_${ulid}$`), `must be a ${title} id such as ${prefix}_01J…`)
    .meta({ description: `${title} id`, example: `${prefix}_01JD3Q5V4M8K2N6P9R1S7T0W3X` });

export const TenantId = idWithPrefix('ten', 'tenant');
export const SessionId = idWithPrefix('ses', 'session');
export const MessageId = idWithPrefix('msg', 'message');
export const RunId = idWithPrefix('run', 'run');
export const KnowledgeBaseId = idWithPrefix('kb', 'knowledge base');
export const DocumentId = idWithPrefix('doc', 'document');
export const ApiKeyId = idWithPrefix('key', 'API key');
export const ToolServerId = idWithPrefix('tsv', 'tool server');
export const ErasureId = idWithPrefix('era', 'erasure');

export const ImportId = idWithPrefix('imp', 'import');

/** The Entra object id of a person. */
export const UserId = z.guid().meta({ description: 'Entra object id of the user' });

/** Whoever may act: a person, or a program by its API key. */
export const PrincipalId = z.union([UserId, ApiKeyId]);

export type TenantId = z.infer<typeof TenantId>;
export type SessionId = z.infer<typeof SessionId>;
export type MessageId = z.infer<typeof MessageId>;
export type RunId = z.infer<typeof RunId>;
export type KnowledgeBaseId = z.infer<typeof KnowledgeBaseId>;
export type DocumentId = z.infer<typeof DocumentId>;
export type ApiKeyId = z.infer<typeof ApiKeyId>;
export type ToolServerId = z.infer<typeof ToolServerId>;
export type ErasureId = z.infer<typeof ErasureId>;
export type ImportId = z.infer<typeof ImportId>;
export type UserId = z.infer<typeof UserId>;
export type PrincipalId = z.infer<typeof PrincipalId>;

export const Timestamp = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });
