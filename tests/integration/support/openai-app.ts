import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import OpenAI from 'openai';
import type { Emulator } from '../../../local/emulators/emulator.ts';
import { startModelServer } from '../../../local/emulators/model-server/server.ts';
import type { App } from '../../../local/stack.ts';
import { stack, startAnotherApp } from './platform.ts';

export const CHAT_MODEL = 'local-extractive';
export const EMBEDDING_MODEL = 'local-hashing-embedding';

/** An instance of the app with a model server of its own, whose failures and records are nobody else's. */
export interface OpenAiApp {
  readonly url: string;
  /** Plans what goes wrong next. */
  fail(...failures: readonly object[]): Promise<void>;
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

export async function startOpenAiApp(env: Record<string, string> = {}): Promise<OpenAiApp> {
  const stateDirectory = join(stack.directory, 'state', randomUUID());
  const models: Emulator = await startModelServer({ port: 0, stateDirectory });
  const app: App = await startAnotherApp({ env: { AZURE_OPENAI_ENDPOINT: models.url, ...env } });
  const control = (method: string, path: string, body?: object) =>
    fetch(`${models.url}/_control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  return {
    url: app.url,
    async fail(...failures) {
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
