import { createChatModel } from '../adapters/openai/chat-model.ts';
import { createModelDependency } from '../adapters/openai/dependency.ts';
import { createEmbeddingModel } from '../adapters/openai/embedding-model.ts';
import { createModelTransport } from '../adapters/openai/model-transport.ts';
import type { Config } from '../config.ts';
import { createModelGateway } from '../models/create-model-gateway.ts';
import { createEmbeddingModels } from '../models/embedding-models.ts';
import { createModelList } from '../models/model-list.ts';
import { createPriceBook } from '../models/price-book.ts';
import { traceAttempts } from '../models/trace-attempts.ts';
import { traceChatModel } from '../models/trace-chat-model.ts';
import { traceEmbeddingModel } from '../models/trace-embedding-model.ts';
import type { Stores } from './stores.ts';

/** The models: which there are, what they cost, and how they are asked; every attempt is a span. */
export function createModels(
  { models: { catalog, keys } }: Config,
  { cooldowns }: Pick<Stores, 'cooldowns'>,
  now: () => Date,
) {
  const gateway = createModelGateway({ catalog, transport: traceAttempts(createModelTransport(keys)), cooldowns, now });
  const embeddings = (patience: 'interactive' | 'background') =>
    createEmbeddingModels(catalog, (model) => traceEmbeddingModel(createEmbeddingModel(gateway, model, patience)));
  const prices = createPriceBook(catalog);
  return {
    gateway,
    prices,
    chatModel: traceChatModel(createChatModel(gateway)),
    /** For somebody who waits. */
    questionEmbeddings: embeddings('interactive'),
    /** For ingestion. */
    documentEmbeddings: embeddings('background'),
    /** Of embedding models, where the catalog says how far their vectors lead. */
    denseWeights: new Map(
      catalog.models.flatMap((each) =>
        each.kind === 'embedding' && each.denseWeight !== undefined ? [[each.name, each.denseWeight] as const] : [],
      ),
    ),
    list: createModelList({ gateway, catalog, prices, now }),
    dependency: createModelDependency(catalog, keys),
  };
}

export type Models = ReturnType<typeof createModels>;
