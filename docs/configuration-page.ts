import { z } from 'zod';
import { Settings } from '../shared/config.ts';
import { markdownTable } from './markdown-table.ts';

/** What the JSON Schema of a setting says about it. */
interface SettingSchema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly secret?: boolean;
}

/** Every setting of the app: meaning, values, default. */
export function configurationPage(): string {
  const { properties = {} } = z.toJSONSchema(Settings, { io: 'input' });
  const rows = Object.entries(Settings.shape).map(([name, schema]) =>
    row(name, schema, properties[name] as SettingSchema),
  );
  return `# Configuration

Made by \`npm run docs\` from \`shared/config.ts\`, the only reader of the environment.

Every setting is an environment variable: an app setting in Azure, an entry of \`local.settings.json\` under \`func start\`.
\`npm start\` sets them itself. All are read once, at the first call; when some are wrong, nothing is served and
\`/health/ready\` lists each of them by name, never its value. An empty text counts as left out.

Beside the table:

- Storage needs \`PlatformStorage\`, or both \`PlatformStorage__blobServiceUri\` and \`PlatformStorage__queueServiceUri\`.
- The models need \`AZURE_OPENAI_ENDPOINT\` or \`OPENAI_BASE_URL\`.
- \`AUTH_DEV_BYPASS\` must not be \`true\` in Azure.
- A secret belongs into Key Vault and is referred to by \`@Microsoft.KeyVault(…)\`; with a managed identity there is none.

${markdownTable(['Setting', 'Meaning', 'Values', 'Default', 'Required', 'Secret'], rows)}
`;
}

function row(name: string, schema: z.ZodType, described: SettingSchema): string[] {
  const { success, data } = schema.safeParse(undefined);
  return [
    `\`${name}\``,
    described.description ?? '',
    valuesOf(described),
    success ? shown(data) : '',
    success ? '' : 'yes',
    described.secret ? 'yes' : '',
  ];
}

function valuesOf({
  enum: options,
  type,
  minimum,
  exclusiveMinimum,
  maximum = Number.MAX_SAFE_INTEGER,
}: SettingSchema) {
  if (options) return options.map((option) => `\`${option}\``).join(', ');
  if (type !== 'integer' && type !== 'number') return 'text';
  const least = exclusiveMinimum === undefined ? `from ${minimum ?? 0}` : `above ${exclusiveMinimum}`;
  return maximum === Number.MAX_SAFE_INTEGER ? least : `${least} to ${maximum}`;
}

function shown(value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
  return text && `\`${text}\``;
}
