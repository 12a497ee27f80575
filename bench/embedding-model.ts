import { createEmbeddingModel } from '../shared/adapters/openai/embedding-model.ts';
import { createModelTransport } from '../shared/adapters/openai/model-transport.ts';
import type { Config } from '../shared/config.ts';
import { createModelGateway } from '../shared/models/create-model-gateway.ts';
import type { EmbeddingModel } from '../shared/models/embedding-model.ts';
import { indexingModel } from '../shared/models/indexing-model.ts';
import type { ModelUser } from '../shared/models/model-gateway.ts';

/** Somebody whose policy limits nothing. */
export const anybody: ModelUser = { tenantChain: [{ id: 'ten_bench', policy: {} }] };

/** The embedding model of a configuration, as the app makes it. */
export function embeddingModelOf({ models: { catalog, keys } }: Config): EmbeddingModel {
  const gateway = createModelGateway({ catalog, transport: createModelTransport(keys), now: () => new Date() });
  return createEmbeddingModel(gateway, indexingModel(catalog));
}
