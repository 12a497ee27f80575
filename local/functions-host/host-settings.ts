import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const MILLISECONDS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DEFAULT_FUNCTION_TIMEOUT = 30 * MILLISECONDS.minute;

/** A .NET TimeSpan (`[d.]hh:mm:ss[.fff]`) in milliseconds. */
const timeSpan = z
  .string()
  .regex(/^(\d+\.)?\d{1,2}:\d{2}:\d{2}(\.\d+)?$/, 'must be a time span such as 00:00:30')
  .transform((text) => {
    const [hours = '', minutes = '', seconds = ''] = text.split(':');
    const [days, hour] = hours.includes('.') ? hours.split('.') : ['0', hours];
    return (
      Number(days) * MILLISECONDS.day +
      Number(hour) * MILLISECONDS.hour +
      Number(minutes) * MILLISECONDS.minute +
      Math.round(Number(seconds) * MILLISECONDS.second)
    );
  });

const logLevel = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none']));

const Http = z.object({
  routePrefix: z.string().default('api'),
  maxOutstandingRequests: z.int().default(200),
});

const Queues = z.object({
  batchSize: z.int().min(1).max(32).default(16),
  newBatchThreshold: z.int().min(0).optional(),
  maxDequeueCount: z.int().min(1).default(5),
  visibilityTimeout: timeSpan.default(0),
  maxPollingInterval: timeSpan.default(MILLISECONDS.minute),
  messageEncoding: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['base64', 'none']))
    .default('base64'),
});

const Blobs = z.object({
  maxDegreeOfParallelism: z.int().min(1).default(8),
  poisonBlobThreshold: z.int().min(1).default(5),
});

const HostFile = z.object({
  version: z.literal('2.0'),
  functionTimeout: z.union([z.literal('-1').transform(() => undefined), timeSpan]).default(DEFAULT_FUNCTION_TIMEOUT),
  logging: z.object({ logLevel: z.record(z.string(), logLevel).default({}) }).prefault({}),
  extensions: z
    .object({ http: Http.prefault({}), queues: Queues.prefault({}), blobs: Blobs.prefault({}) })
    .prefault({}),
});

const LocalSettings = z.object({
  Values: z.record(z.string(), z.string()).default({}),
  Host: z
    .object({
      LocalHttpPort: z.int().optional(),
      CORS: z.string().optional(),
      CORSCredentials: z.boolean().default(false),
    })
    .prefault({}),
});

/** The parts of host.json that this host obeys; every duration is in milliseconds. */
export type HostSettings = z.infer<typeof HostFile>;
export type LogLevels = HostSettings['logging']['logLevel'];
export type QueueSettings = HostSettings['extensions']['queues'];
export type BlobSettings = HostSettings['extensions']['blobs'];
/** The parts of local.settings.json that this host obeys. */
export type LocalSettings = z.infer<typeof LocalSettings>;

/** Reads the app's host.json, which must be there. */
export async function readHostSettings(appDirectory: string): Promise<HostSettings> {
  return parse(
    HostFile,
    'host.json',
    await readFile(join(appDirectory, 'host.json'), 'utf8'),
    overrideFrom(process.env),
  );
}

const OVERRIDE_PREFIX = 'AzureFunctionsJobHost__';

/** App settings named `AzureFunctionsJobHost__extensions__queues__batchSize` and so on win over host.json. */
function overrideFrom(environment: NodeJS.ProcessEnv): (settings: unknown) => unknown {
  const overrides = Object.entries(environment).filter(([name]) => name.startsWith(OVERRIDE_PREFIX));
  return (settings) =>
    overrides.reduce(
      (changed, [name, text = '']) => withValue(changed, name.slice(OVERRIDE_PREFIX.length).split('__'), text),
      settings,
    );
}

function withValue(settings: unknown, [name, ...rest]: readonly string[], text: string): unknown {
  if (name === undefined) return /^(-?\d+(\.\d+)?|true|false)$/.test(text) ? JSON.parse(text) : text;
  const known = typeof settings === 'object' && settings !== null ? (settings as Record<string, unknown>) : {};
  return { ...known, [name]: withValue(known[name], rest, text) };
}

/** Reads the app's local.settings.json; a missing file is an empty one. */
export async function readLocalSettings(appDirectory: string): Promise<LocalSettings> {
  const text = await readFile(join(appDirectory, 'local.settings.json'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}';
      throw error;
    },
  );
  return parse(LocalSettings, 'local.settings.json', text);
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  text: string,
  change: (value: unknown) => unknown = (value) => value,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  const result = schema.safeParse(change(value));
  if (!result.success) throw new Error(`${file} is not valid:\n${z.prettifyError(result.error)}`);
  return result.data;
}
