import { lazily } from './lazily.ts';

/** The managed identity, or whatever `DefaultAzureCredential` finds; one for all adapters, as it caches its tokens. */
export const azureCredential = lazily(async () => {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
});
