import { z } from 'zod';
import { catalogOfSettings, type ModelConfig, readModelsFile } from './settings/model-settings.ts';
import { type RecognitionConfig, recognitionConfig, recognitionSettings } from './settings/recognition-settings.ts';
import { type RerankConfig, rerankConfig, rerankSettings } from './settings/rerank-settings.ts';
import { flag, list, megabytes, secret, url } from './settings/setting-types.ts';
import { type TelemetryConfig, telemetryConfig, telemetrySettings } from './settings/telemetry-settings.ts';

const SECRETS_KEY_BYTES = 32;

/** Every setting of the platform. Its descriptions become the table in `docs/configuration.md`. */
export const Settings = z.object({
  COSMOS_ENDPOINT: url.describe('Cosmos DB account endpoint'),
  COSMOS_KEY: secret.optional().describe('Account key, for local use. Left out, the managed identity signs in'),
  COSMOS_DATABASE: z.string().default('platform').describe('Cosmos DB database'),
  PlatformStorage: secret.optional().describe('Storage connection string, for local use; the triggers read it too'),
  PlatformStorage__blobServiceUri: url.optional().describe('Blob endpoint, with the managed identity'),
  PlatformStorage__queueServiceUri: url.optional().describe('Queue endpoint, with the managed identity'),
  QDRANT_URL: url.describe('Qdrant REST endpoint'),
  QDRANT_API_KEY: secret.optional().describe('Qdrant API key'),
  MODELS_FILE: z
    .string()
    .optional()
    .describe('JSON file with the catalog of models; wins over the settings of one model each that follow'),
  AZURE_OPENAI_ENDPOINT: url.optional().describe('Azure OpenAI resource; wins over OPENAI_BASE_URL'),
  AZURE_OPENAI_API_KEY: secret.optional().describe('Its key, for local use. Left out, the managed identity signs in'),
  AZURE_OPENAI_API_VERSION: z.string().default('2024-10-21').describe('API version of the deployment paths'),
  AZURE_OPENAI_CHAT_DEPLOYMENT: z.string().default('gpt-4.1-mini').describe('Deployment that answers'),
  AZURE_OPENAI_EMBEDDING_DEPLOYMENT: z.string().default('text-embedding-3-small').describe('Deployment that embeds'),
  AZURE_OPENAI_EMBEDDING_DIMENSIONS: z.coerce
    .number()
    .int()
    .min(16)
    .max(4096)
    .default(1536)
    .describe('Length of its vectors'),
  OPENAI_BASE_URL: url.optional().describe('Any OpenAI-compatible service, such as Ollama (http://127.0.0.1:11434/v1)'),
  OPENAI_API_KEY: secret.optional().describe('Its key'),
  CHAT_CONTEXT_TOKENS: z.coerce
    .number()
    .int()
    .min(2_000)
    .default(16_000)
    .describe("Tokens of the model's window to use"),
  CHAT_MAX_OUTPUT_TOKENS: z.coerce
    .number()
    .int()
    .min(16)
    .max(32_000)
    .default(1_024)
    .describe('Longest answer, in tokens'),
  AUTH_AUTHORITY: url.default('https://login.microsoftonline.com').describe('Where tokens come from'),
  AUTH_AUDIENCES: list.describe('Accepted `aud` values: the application id, and `api://…` where v1 tokens are used'),
  AUTH_CLIENT_IDS: list.describe('Client applications (`azp` or `appid`) that may call'),
  PLATFORM_ADMIN_TENANTS: list
    .default([])
    .describe('Entra tenants whose app role `PlatformAdmin` counts; that of any other is passed over'),
  GRAPH_URL: url
    .optional()
    .describe(
      'Microsoft Graph (https://graph.microsoft.com), asked for groups that a token leaves out. Left out, denied',
    ),
  GRAPH_ACCESS_TOKEN: secret.optional().describe('Its token, for local use. Left out, the managed identity signs in'),
  AUTH_DEV_BYPASS: flag.default(false).describe('Accepts `X-Dev-Bypass: true` instead of a token. Refused in Azure'),
  AUTH_DEV_CLAIMS: z
    .string()
    .optional()
    .transform((value, context) => {
      if (value === undefined) return undefined;
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .describe('Token claims (JSON: tid, oid, name, roles, groups) of whoever bypasses'),
  PUBLIC_URL: url
    .optional()
    .describe(
      'Where callers reach the platform behind a gateway, such as https://ai.contoso.com. Left out: as they ask',
    ),
  CORS_ORIGINS: list.default([]).describe('Origins whose pages may call the API'),
  TOOL_SECRETS_KEY: z
    .string()
    .transform((value) => Buffer.from(value, 'base64'))
    .refine(({ length }) => length === SECRETS_KEY_BYTES, { message: `must be ${SECRETS_KEY_BYTES} bytes in base64` })
    .optional()
    .meta({ secret: true })
    .describe('Seals the secrets of remote tool servers: 32 random bytes in base64. Left out, none can be registered'),
  TOOL_SERVER_PRIVATE_HOSTS: list
    .default([])
    .describe('Hosts of remote tool servers that may be reached over http and at addresses which are not public'),
  MAX_UPLOAD_MEGABYTES: megabytes.default(50).describe('Largest document'),
  EXTRACTION_CONCURRENCY: z.coerce.number().int().min(1).max(16).default(1).describe('Documents read at once'),
  ...recognitionSettings,
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
  ...rerankSettings,
  ...telemetrySettings,
  WEBSITE_INSTANCE_ID: z.string().optional().describe('Set by Azure; tells that the app runs there'),
});
type SettingValues = z.infer<typeof Settings>;

export type StorageConfig =
  | { readonly connectionString: string }
  | { readonly blobServiceUri: string; readonly queueServiceUri: string };

export interface Config {
  readonly cosmos: { readonly endpoint: string; readonly key: string | undefined; readonly database: string };
  readonly storage: StorageConfig;
  readonly qdrant: { readonly url: string; readonly apiKey: string | undefined };
  readonly models: ModelConfig;
  /** null: no reranker. */
  readonly rerank: RerankConfig | null;
  readonly auth: {
    readonly authority: string;
    readonly audiences: readonly string[];
    readonly clientIds: readonly string[];
    readonly platformAdminTenants: readonly string[];
    readonly devClaims: unknown;
    readonly devBypass: boolean;
  };
  readonly graph: { readonly url: string; readonly accessToken: string | undefined } | null;
  readonly publicUrl: string | undefined;
  readonly corsOrigins: readonly string[];
  readonly toolServers: { readonly secretsKey: Uint8Array | null; readonly privateHosts: readonly string[] };
  readonly maxUploadBytes: number;
  readonly extractionConcurrency: number;
  readonly textRecognition: RecognitionConfig | null;
  readonly logLevel: SettingValues['LOG_LEVEL'];
  readonly telemetry: TelemetryConfig;
}

/** Names every setting that is wrong, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s): ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** Reads, checks and freezes the settings. @throws ConfigError with all problems at once. */
export function loadConfig(environment: Environment = process.env): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Settings.safeParse(present);
  const models = present.MODELS_FILE === undefined ? null : readModelsFile(present.MODELS_FILE, present);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => problemOf(issue, present)),
    ...contradictions(present),
    ...(models && 'problems' in models ? models.problems : []),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data, models && !('problems' in models) ? models : catalogOfSettings(parsed.data));
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The message of an issue says what is allowed; what was given stays out of it. */
function problemOf({ path, message }: z.core.$ZodIssue, present: Environment): string {
  const name = path.join('.');
  return `${name}: ${present[name] === undefined ? 'is not set' : message}`;
}

function contradictions(present: Environment): string[] {
  const problems: string[] = [];
  const hasStorageUris = present.PlatformStorage__blobServiceUri && present.PlatformStorage__queueServiceUri;
  if (!present.PlatformStorage && !hasStorageUris) {
    problems.push(
      'PlatformStorage: set it, or both PlatformStorage__blobServiceUri and PlatformStorage__queueServiceUri',
    );
  }
  if (!present.MODELS_FILE && !present.AZURE_OPENAI_ENDPOINT && !present.OPENAI_BASE_URL) {
    problems.push('AZURE_OPENAI_ENDPOINT: set it, or OPENAI_BASE_URL or MODELS_FILE');
  }
  if (present.AUTH_DEV_BYPASS === 'true' && present.WEBSITE_INSTANCE_ID) {
    problems.push('AUTH_DEV_BYPASS: must not be true in Azure');
  }
  if (Boolean(present.LANGFUSE_PUBLIC_KEY) !== Boolean(present.LANGFUSE_SECRET_KEY)) {
    problems.push('LANGFUSE_PUBLIC_KEY: set it together with LANGFUSE_SECRET_KEY, or neither');
  }
  return problems;
}

function toConfig(settings: SettingValues, models: ModelConfig): Config {
  return Object.freeze({
    cosmos: { endpoint: settings.COSMOS_ENDPOINT, key: settings.COSMOS_KEY, database: settings.COSMOS_DATABASE },
    storage: storageConfig(settings),
    qdrant: { url: settings.QDRANT_URL, apiKey: settings.QDRANT_API_KEY },
    models,
    rerank: rerankConfig(settings),
    auth: {
      authority: settings.AUTH_AUTHORITY,
      audiences: settings.AUTH_AUDIENCES,
      clientIds: settings.AUTH_CLIENT_IDS,
      platformAdminTenants: settings.PLATFORM_ADMIN_TENANTS.map((tid) => tid.toLowerCase()),
      devClaims: settings.AUTH_DEV_CLAIMS,
      devBypass: settings.AUTH_DEV_BYPASS,
    },
    graph: settings.GRAPH_URL ? { url: settings.GRAPH_URL, accessToken: settings.GRAPH_ACCESS_TOKEN } : null,
    publicUrl: settings.PUBLIC_URL,
    corsOrigins: settings.CORS_ORIGINS,
    toolServers: {
      secretsKey: settings.TOOL_SECRETS_KEY ?? null,
      privateHosts: settings.TOOL_SERVER_PRIVATE_HOSTS.map((host) => host.toLowerCase()),
    },
    maxUploadBytes: settings.MAX_UPLOAD_MEGABYTES * 1024 * 1024,
    extractionConcurrency: settings.EXTRACTION_CONCURRENCY,
    textRecognition: recognitionConfig(settings),
    logLevel: settings.LOG_LEVEL,
    telemetry: telemetryConfig(settings),
  });
}

function storageConfig(settings: SettingValues): StorageConfig {
  if (settings.PlatformStorage) return { connectionString: settings.PlatformStorage };
  return {
    blobServiceUri: settings.PlatformStorage__blobServiceUri ?? '',
    queueServiceUri: settings.PlatformStorage__queueServiceUri ?? '',
  };
}
