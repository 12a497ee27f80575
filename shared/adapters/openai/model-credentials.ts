import type { ModelEndpoint } from '../../contracts/models.ts';
import { AppError } from '../../errors.ts';
import { AttemptError } from '../../models/attempt-error.ts';
import { azureTokenProvider } from '../azure-credential.ts';
import { lazily } from '../lazily.ts';

const AZURE_SCOPE = 'https://cognitiveservices.azure.com/.default';

type Headers = Readonly<Record<string, string>>;

/** The headers that prove to an endpoint who calls; a promise only where the managed identity signs in. */
export type ModelCredentials = (name: string, endpoint: ModelEndpoint) => Headers | Promise<Headers>;

/** @param keys of endpoints, by name. Without one, the managed identity signs in to Azure. */
export function createModelCredentials(keys: ReadonlyMap<string, string>): ModelCredentials {
  const signIn = lazily(() => azureTokenProvider(AZURE_SCOPE));

  async function bearer(name: string): Promise<Headers> {
    try {
      const token = await signIn();
      return { 'content-type': 'application/json', authorization: `Bearer ${await token()}` };
    } catch (cause) {
      const advice = `check the managed identity, or give the endpoint ${name} a key`;
      const message = `Signing in to the model's service failed: ${advice}.`;
      throw new AttemptError('misconfigured', new AppError('upstream_failed', message, { cause }));
    }
  }

  const known = new Map<string, Headers>();
  return (name, { kind }) => {
    const headers = known.get(name);
    if (headers) return headers;
    const key = keys.get(name);
    if (key === undefined && kind !== 'openai') return bearer(name);
    const made = { 'content-type': 'application/json', ...proofOf(kind, key) };
    known.set(name, made);
    return made;
  };
}

/** A service such as Ollama wants no key. */
function proofOf(kind: ModelEndpoint['kind'], key: string | undefined): Headers {
  if (key === undefined) return {};
  return kind === 'openai' ? { authorization: `Bearer ${key}` } : { 'api-key': key };
}
