import type {
  ChatCatalogModel,
  EmbeddingCatalogModel,
  ModelCatalog,
  ModelEndpoint,
} from '../../shared/contracts/models.ts';

const KEY_SETTING = 'AZURE_OPENAI_API_KEY';
const LOCAL_CHAT = 'local-extractive';

/** How many models fail over with each kind of failure: each is asked once, before anything is known of its deployments. */
export const FAILING_MODELS = 24;
export const FAILURES = ['server-error', 'throttle'] as const;
export const failingModel = (failure: (typeof FAILURES)[number], index: number) => `${failure}-${index}`;

/** Models that the mock serves, under the names of their pace. */
export function mockCatalog(url: string): ModelCatalog {
  return {
    endpoints: { mock: endpointAt(url) },
    models: [
      chatModel('fast', [{ endpoint: 'mock', deployment: 'fast', priority: 1 }]),
      chatModel('paced', [{ endpoint: 'mock', deployment: 'paced', priority: 1 }]),
      embeddingModel('mock'),
    ],
  };
}

/** The local model servers that a catalog for failover needs: of two any may fail, the last one never does. */
export interface FailoverServers {
  readonly one: string;
  readonly other: string;
  readonly steady: string;
}

/**
 * `steady` is served by the server that never fails, `shaky` by all three, that one last. Each of the many others has two
 * deployments of its own: at a server that fails, and at the one that does not.
 */
export function failoverCatalog({ one, other, steady }: FailoverServers): ModelCatalog {
  const names = FAILURES.flatMap((failure) =>
    Array.from({ length: FAILING_MODELS }, (_, index) => failingModel(failure, index)),
  );
  const at = (endpoint: string, priority: number) => ({ endpoint, deployment: LOCAL_CHAT, priority });
  return {
    endpoints: {
      ...{ one: endpointAt(one), other: endpointAt(other), steady: endpointAt(steady) },
      ...Object.fromEntries(names.map((name) => [`${name}-fails`, endpointAt(one)])),
      ...Object.fromEntries(names.map((name) => [`${name}-answers`, endpointAt(steady)])),
    },
    models: [
      chatModel('steady', [at('steady', 1)]),
      chatModel('shaky', [at('one', 1), at('other', 1), at('steady', 2)]),
      ...names.map((name) => chatModel(name, [at(`${name}-fails`, 1), at(`${name}-answers`, 2)])),
      embeddingModel('steady'),
    ],
  };
}

function endpointAt(url: string): ModelEndpoint {
  return { kind: 'azure', url, region: 'local', zone: 'local', apiVersion: '2024-10-21', apiKeySetting: KEY_SETTING };
}

function chatModel(
  name: string,
  deployments: readonly { endpoint: string; deployment: string; priority: number }[],
): ChatCatalogModel {
  return {
    kind: 'chat',
    name,
    contextTokens: 16_000,
    maxOutputTokens: 1_024,
    size: 'small',
    abilities: [],
    prices: [],
    deployments: deployments.map((deployment) => ({ ...deployment, weight: 1 })),
  };
}

function embeddingModel(endpoint: string): EmbeddingCatalogModel {
  const deployments = [{ endpoint, deployment: 'local-hashing-embedding', priority: 1, weight: 1 }];
  return { kind: 'embedding', name: 'embedding', contextTokens: 8_192, dimensions: 512, prices: [], deployments };
}
