import { z } from 'zod';
import { PrincipalId, TenantId, Timestamp, ToolServerId } from './identifiers.ts';
import { ToolPermission } from './policy.ts';

const MAX_URL_CHARACTERS = 2_000;
const MAX_SECRET_CHARACTERS = 4_096;
const MAX_PERMISSIONS = 200;
/** What the transport itself sends, or what would change where and how a request goes. */
const RESERVED_HEADER =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|accept|cookie|proxy-.*|mcp-.*|last-event-id)$/;

const Url = z
  .url({ protocol: /^https?$/, error: 'must be an absolute URL' })
  .max(MAX_URL_CHARACTERS)
  .refine((value) => URL.canParse(value) && !/[@#]/.test(new URL(value).href.replace(/\?.*$/, '')), {
    message: 'must have neither credentials nor a fragment',
  });

const Header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,60}$/)
  .transform((name) => name.toLowerCase())
  .refine((name) => !RESERVED_HEADER.test(name), { message: 'is a header that is not yours to set' });

const Secret = z
  .string()
  .min(1)
  .max(MAX_SECRET_CHARACTERS)
  .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
  .meta({ writeOnly: true, description: 'Write only: no answer ever holds it' });

const none = z.strictObject({ kind: z.literal('none') });
const key = z.strictObject({
  kind: z.literal('key'),
  header: Header.default('authorization').meta({ description: 'The header whose whole value the secret is' }),
});
const oauth = z.strictObject({
  kind: z.literal('oauth-client-credentials'),
  tokenUrl: Url,
  clientId: z.string().min(1).max(200),
  scope: z.string().max(1_000).nullable().default(null),
});

/** How we prove to a server who we are, without what proves it. */
export const ToolServerAuth = z.discriminatedUnion('kind', [none, key, oauth]).meta({ id: 'ToolServerAuth' });
export type ToolServerAuth = z.infer<typeof ToolServerAuth>;

const withSecret = { secret: Secret };
const NewAuth = z.discriminatedUnion('kind', [none, key.extend(withSecret), oauth.extend(withSecret)]);
const keptSecret = { secret: Secret.optional().meta({ description: 'Left out: as it is' }) };
const ChangedAuth = z.discriminatedUnion('kind', [none, key.extend(keptSecret), oauth.extend(keptSecret)]);
export type ChangedAuth = z.infer<typeof ChangedAuth>;

const fields = {
  url: Url.meta({ description: 'Where the server speaks MCP over streamable HTTP' }),
  toolPermissions: z
    .record(z.string().min(1).max(200), ToolPermission)
    .refine((permissions) => Object.keys(permissions).length <= MAX_PERMISSIONS, {
      message: `may name at most ${MAX_PERMISSIONS} tools`,
    })
    .meta({ description: "By the server's own names; `ask` for any other. The tenant's policy can only be stricter" }),
  timeoutMilliseconds: z.number().int().min(1_000).max(60_000).meta({ description: 'For each call of a tool' }),
  enabled: z.boolean(),
};

/** A remote MCP server whose tools a tenant's people may use, as `{name}__{tool}`. */
export const ToolServer = z
  .object({
    ...fields,
    id: ToolServerId,
    name: z.string(),
    auth: ToolServerAuth,
    createdBy: PrincipalId,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'ToolServer' });
export type ToolServer = z.infer<typeof ToolServer>;

export const CreateToolServer = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$/, 'must be 1 to 24 of a-z, 0-9 and inner dashes')
      .meta({ description: 'Begins the names of its tools; it cannot be changed' }),
    url: fields.url,
    auth: NewAuth.default({ kind: 'none' }),
    toolPermissions: fields.toolPermissions.default({}),
    timeoutMilliseconds: fields.timeoutMilliseconds.default(20_000),
    enabled: fields.enabled.default(true),
  })
  .meta({ id: 'CreateToolServer' });
export type CreateToolServer = z.infer<typeof CreateToolServer>;

export const UpdateToolServer = z
  .strictObject({
    url: fields.url.optional().meta({ description: 'Elsewhere than before, the secret must come along' }),
    auth: ChangedAuth.optional(),
    toolPermissions: fields.toolPermissions.optional().meta({ description: 'Replaces all that were given' }),
    timeoutMilliseconds: fields.timeoutMilliseconds.optional(),
    enabled: fields.enabled.optional(),
  })
  .meta({ id: 'UpdateToolServer' });
export type UpdateToolServer = z.infer<typeof UpdateToolServer>;

export const ToolServerQuery = z.strictObject({
  tenantId: TenantId.optional().meta({ description: 'Left out: your own tenant' }),
});

/** What a server said when it was asked for its tools. */
export const ToolServerTest = z
  .object({
    tools: z.array(
      z.object({
        name: z.string().meta({ description: 'As the model and policies know it' }),
        remoteName: z.string().meta({ description: "The server's own" }),
        description: z.string().meta({ description: 'As the model is told it: words of the server, not ours' }),
        permission: ToolPermission,
      }),
    ),
    milliseconds: z.number().int().nonnegative(),
  })
  .meta({ id: 'ToolServerTest' });
export type ToolServerTest = z.infer<typeof ToolServerTest>;
