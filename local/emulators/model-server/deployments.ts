export type Operation = 'chat' | 'embeddings';

/** A model that can be called, by the name that stands in the URL or in the `model` field. */
export interface Deployment {
  readonly name: string;
  readonly operation: Operation;
  /** Tokens of one prompt, or of one text to embed. */
  readonly contextTokens: number;
}

export const EMBEDDING_DIMENSIONS = 512;

const chatDeployment: Deployment = { name: 'local-extractive', operation: 'chat', contextTokens: 16_384 };
/** The same with a larger window, so that there is something to choose between. */
const largeChatDeployment: Deployment = {
  name: 'local-extractive-large',
  operation: 'chat',
  contextTokens: 65_536,
};
const embeddingDeployment: Deployment = {
  name: 'local-embedding',
  operation: 'embeddings',
  contextTokens: 8192,
};
export const hashingDeployment: Deployment = {
  name: 'local-hashing-embedding',
  operation: 'embeddings',
  contextTokens: 8192,
};

export const deployments: readonly Deployment[] = [
  chatDeployment,
  largeChatDeployment,
  embeddingDeployment,
  hashingDeployment,
];

const CREATED = Date.UTC(2026, 0, 1) / 1000;

/** A deployment as an entry of the list of models. */
export function describeDeployment({ name, operation }: Deployment) {
  return {
    id: name,
    object: 'model',
    created: CREATED,
    owned_by: 'local',
    status: 'succeeded',
    lifecycle_status: 'generally-available',
    capabilities: {
      chat_completion: operation === 'chat',
      embeddings: operation === 'embeddings',
      completion: false,
      fine_tune: false,
      inference: true,
    },
  };
}
