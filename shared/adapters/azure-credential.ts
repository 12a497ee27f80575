import { lazily } from './lazily.ts';

/** The managed identity, or whatever `DefaultAzureCredential` finds; one for all adapters, as it caches its tokens. */
export const azureCredential = lazily(async () => {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
});

/** Gives a valid access token for a scope whenever it is called. */
export async function azureTokenProvider(scope: string): Promise<() => Promise<string>> {
  const { getBearerTokenProvider } = await import('@azure/identity');
  return getBearerTokenProvider(await azureCredential(), scope);
}
