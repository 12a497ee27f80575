import type { OpenAI } from 'openai';
import type { ModelConfig } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { azureTokenProvider } from '../azure-credential.ts';
import { lazily } from '../lazily.ts';

export type OpenAIConnection = Pick<ModelConfig, 'kind' | 'endpoint' | 'apiKey' | 'apiVersion'>;

const AZURE_SCOPE = 'https://cognitiveservices.azure.com/.default';
/** Longer than any limit of ours, which is what ends a request. */
const SDK_TIMEOUT = 10 * 60 * 1000;

/** The client of the `openai` package, made with the first use; it neither retries nor logs. */
export function openaiClient(connection: OpenAIConnection): () => Promise<OpenAI> {
  return lazily(async () => {
    const { AzureOpenAI, OpenAI } = await import('openai');
    const options = { maxRetries: 0, timeout: SDK_TIMEOUT, logLevel: 'off' as const };
    const { kind, endpoint, apiKey, apiVersion } = connection;
    // A service such as Ollama wants no key, but the client does.
    if (kind === 'openai') return new OpenAI({ ...options, baseURL: endpoint, apiKey: apiKey ?? 'none' });
    // Not `endpoint`: the client refuses it when OPENAI_BASE_URL is set as well.
    const azure = { ...options, baseURL: `${endpoint}/openai`, apiVersion };
    if (apiKey) return new AzureOpenAI({ ...azure, apiKey });
    return new AzureOpenAI({ ...azure, azureADTokenProvider: await managedIdentityToken() });
  });
}

async function managedIdentityToken(): Promise<() => Promise<string>> {
  const token = await azureTokenProvider(AZURE_SCOPE);
  return () =>
    token().catch((cause: unknown) => {
      const advice = 'check the managed identity, or set AZURE_OPENAI_API_KEY';
      throw new AppError('upstream_failed', `Signing in to the model's service failed: ${advice}.`, { cause });
    });
}
