import type { ModelCatalog, ModelEndpoint } from '../../contracts/models.ts';
import { AppError } from '../../errors.ts';
import type { Dependency } from '../../health.ts';
import { createModelCredentials, type ModelCredentials } from './model-credentials.ts';
import { API_VERSION } from './model-endpoint.ts';
import { modelAgent } from './model-transport.ts';

/** Whether one of the models' services answers and accepts our credentials; costs no tokens. */
export function createModelDependency(catalog: ModelCatalog, keys: ReadonlyMap<string, string>): Dependency {
  const credentials = createModelCredentials(keys);
  return {
    name: 'models',
    advice: 'Check that the models can be reached, and the AZURE_OPENAI_… or OPENAI_… settings or MODELS_FILE.',
    async check(signal) {
      const checks = Object.entries(catalog.endpoints).map((entry) => checkEndpoint(entry, credentials, signal));
      await Promise.any(checks).catch(({ errors }: AggregateError) => {
        throw errors[0];
      });
    },
  };
}

async function checkEndpoint(
  [name, endpoint]: [string, ModelEndpoint],
  credentials: ModelCredentials,
  signal: AbortSignal,
): Promise<void> {
  const agent = await modelAgent();
  const headers = { ...(await credentials(name, endpoint)) };
  const { origin, pathname } = new URL(endpoint.url);
  const path = `${pathname.replace(/\/+$/, '')}${listPath(endpoint)}`;
  const { statusCode, body } = await agent.request({ origin, path, method: 'GET', headers, signal });
  await body.dump({ limit: 1_000_000 });
  // A gateway that passes on chat and embeddings only is up as well.
  if (statusCode < 400 || statusCode === 404) return;
  const setting = endpoint.apiKeySetting ?? `the credentials of the endpoint ${name}`;
  throw new AppError('upstream_failed', `The model's service answered ${statusCode}: check ${setting}.`);
}

function listPath({ kind, apiVersion }: ModelEndpoint): string {
  if (kind === 'openai') return '/models';
  return kind === 'azure' ? `/openai/models?api-version=${apiVersion ?? API_VERSION}` : '/openai/v1/models';
}
