import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import OpenAI from 'openai';
import type { Emulator } from '../../../local/emulators/emulator.ts';
import { startModelServer } from '../../../local/emulators/model-server/server.ts';
import type { App } from '../../../local/stack.ts';
import { type CatalogInput, chatModel, hashingModel, modelsFile } from './models-file.ts';
import { stack, startAnotherApp } from './platform.ts';

export const CHAT_MODEL = 'local-extractive';
export const EMBEDDING_MODEL = 'local-hashing-embedding';

/** An instance of the app with a model server of its own, whose failures and records are nobody else's. */
export interface OpenAiApp {
  readonly url: string;
  /** For another instance with the same models. */
  readonly env: Record<string, string>;
  /** Plans what goes wrong next, instead of what was planned before. */
  fail(...failures: readonly object[]): Promise<void>;
  /** The name of a chat model that no test has asked. */
  unusedModel(): string;
  pace(settings: object): Promise<void>;
  /** What the model server answered, newest last. */
  requests(): Promise<readonly ModelServerRequest[]>;
  stop(): Promise<void>;
}

export interface ModelServerRequest {
  readonly operation: string;
  readonly stream: boolean;
  readonly status: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly usageReported: boolean;
}

/**
 * Models that are the same but for their names and endpoints: what one goes through in a test is not held against the next.
 */
const SPARES = Array.from({ length: 8 }, (_, index) => `spare-${index}`);

function catalogAt(url: string): CatalogInput {
  const endpoint = { kind: 'azure' as const, url, region: 'here', zone: 'home', apiKeySetting: 'TEST_MODEL_KEY' };
  const facts = { abilities: ['tools' as const, 'json-schema' as const, 'logprobs' as const] };
  const spare = (name: string) => ({
    ...chatModel(name, [name], facts),
    deployments: [{ endpoint: name, deployment: CHAT_MODEL }],
  });
  return {
    endpoints: Object.fromEntries(['main', ...SPARES].map((name) => [name, endpoint])),
    models: [chatModel(CHAT_MODEL, ['main'], facts), ...SPARES.map(spare), hashingModel('main')],
  };
}

export async function startOpenAiApp(env: Record<string, string> = {}): Promise<OpenAiApp> {
  const stateDirectory = join(stack.directory, 'state', randomUUID());
  const models: Emulator = await startModelServer({ port: 0, stateDirectory });
  const settings = { ...modelsFile(catalogAt(models.url)), ...env };
  const app: App = await startAnotherApp({ env: settings });
  const control = (method: string, path: string, body?: object) =>
    fetch(`${models.url}/_control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  let used = 0;
  return {
    url: app.url,
    env: settings,
    unusedModel() {
      used += 1;
      return SPARES[used - 1] ?? '';
    },
    async fail(...failures) {
      await control('DELETE', 'failures');
      await control('POST', 'failures', failures);
    },
    async pace(settings) {
      await control('PUT', 'settings', settings);
    },
    async requests() {
      const response = await control('GET', 'requests');
      return ((await response.json()) as { requests: ModelServerRequest[] }).requests;
    },
    async stop() {
      await app.stop();
      await models.stop();
    },
  };
}

/** The official client, as somebody with a token or an API key. It does not try again, so that tests see what is answered. */
export function openAiClient(apiUrl: string, { token }: { readonly token: string }): OpenAI {
  return new OpenAI({ apiKey: token, baseURL: `${apiUrl}/openai/v1`, maxRetries: 0 });
}

/** The error with which a promise ends; fails when it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OpenAI.APIError) return error;
  throw new Error(`Not an error of the API: ${String(error)}`, { cause: error });
}
