import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ModelCatalog } from '../contracts/models.ts';

/** The settings that say which models there are. */
export interface ModelSettings {
  readonly MODELS_FILE?: string | undefined;
  readonly AZURE_OPENAI_ENDPOINT?: string | undefined;
  readonly AZURE_OPENAI_API_KEY?: string | undefined;
  readonly AZURE_OPENAI_API_VERSION: string;
  readonly AZURE_OPENAI_CHAT_DEPLOYMENT: string;
  readonly AZURE_OPENAI_EMBEDDING_DEPLOYMENT: string;
  readonly AZURE_OPENAI_EMBEDDING_DIMENSIONS: number;
  readonly OPENAI_BASE_URL?: string | undefined;
  readonly OPENAI_API_KEY?: string | undefined;
  readonly CHAT_CONTEXT_TOKENS: number;
  readonly CHAT_MAX_OUTPUT_TOKENS: number;
}

export interface ModelConfig {
  readonly catalog: ModelCatalog;
  /** The keys of endpoints, by the endpoint's name. */
  readonly keys: ReadonlyMap<string, string>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const EMBEDDING_CONTEXT_TOKENS = 8_192;

/** Reads the catalog of a file and the keys that it names. Problems name paths and settings, never a value. */
export function readModelsFile(file: string, environment: Environment): ModelConfig | { problems: readonly string[] } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const isMissing = (error as { code?: string }).code !== undefined;
    return { problems: [`MODELS_FILE: ${isMissing ? 'cannot be read' : 'is not JSON'}`] };
  }
  const parsed = ModelCatalog.safeParse(content);
  if (!parsed.success) return { problems: parsed.error.issues.map(problemOf) };
  const named = Object.entries(parsed.data.endpoints).flatMap(([name, { apiKeySetting }]) =>
    apiKeySetting === undefined ? [] : [{ name, setting: apiKeySetting, key: environment[apiKeySetting] }],
  );
  const problems = named
    .filter(({ key }) => !key)
    .map(({ name, setting }) => `${setting}: is not set, but MODELS_FILE names it in endpoints.${name}.apiKeySetting`);
  if (problems.length > 0) return { problems };
  return { catalog: parsed.data, keys: new Map(named.map(({ name, key }) => [name, key ?? ''])) };
}

function problemOf({ path, message }: z.core.$ZodIssue): string {
  return `MODELS_FILE: ${path.join('.') || 'the file'}: ${message}`;
}

/** The catalog of an installation with one model of each kind, which its settings name. */
export function catalogOfSettings(settings: ModelSettings): ModelConfig {
  const azure = settings.AZURE_OPENAI_ENDPOINT;
  const name = azure ? 'azure' : 'openai';
  const key = azure ? settings.AZURE_OPENAI_API_KEY : settings.OPENAI_API_KEY;
  const setting = azure ? 'AZURE_OPENAI_API_KEY' : 'OPENAI_API_KEY';
  const deployed = (deployment: string) => [{ endpoint: name, deployment, priority: 1, weight: 1 }];
  const chat = settings.AZURE_OPENAI_CHAT_DEPLOYMENT;
  const embedding = settings.AZURE_OPENAI_EMBEDDING_DEPLOYMENT;
  const catalog: ModelCatalog = {
    endpoints: {
      [name]: {
        kind: name,
        url: azure ?? settings.OPENAI_BASE_URL ?? '',
        region: 'default',
        zone: 'default',
        ...(azure && { apiVersion: settings.AZURE_OPENAI_API_VERSION }),
        ...(key && { apiKeySetting: setting }),
      },
    },
    models: [
      {
        kind: 'chat',
        name: chat,
        contextTokens: settings.CHAT_CONTEXT_TOKENS,
        maxOutputTokens: settings.CHAT_MAX_OUTPUT_TOKENS,
        size: 'small',
        abilities: ['tools', 'json-schema', 'logprobs', 'vision'],
        prices: [],
        deployments: deployed(chat),
      },
      {
        kind: 'embedding',
        name: embedding,
        contextTokens: EMBEDDING_CONTEXT_TOKENS,
        dimensions: settings.AZURE_OPENAI_EMBEDDING_DIMENSIONS,
        prices: [],
        deployments: deployed(embedding),
      },
    ],
  };
  return { catalog, keys: new Map(key ? [[name, key]] : []) };
}
