import { withSpan } from '../telemetry/span.ts';
import type { EmbeddingModel } from './embedding-model.ts';
import type { ModelUser } from './model-gateway.ts';

/** Makes every call of an embedding model a span. The texts are never part of it. */
export function traceEmbeddingModel<M extends EmbeddingModel>(model: M): Omit<M, 'embed'> & EmbeddingModel {
  const { name, dimensions } = model;
  return {
    ...model,
    embed: (user: ModelUser, texts: readonly string[], signal?: AbortSignal) =>
      withSpan(
        `embeddings ${name}`,
        {
          'gen_ai.operation.name': 'embeddings',
          'gen_ai.request.model': name,
          'gen_ai.embeddings.dimension.count': dimensions,
          'platform.texts': texts.length,
        },
        async (span) => {
          const embedded = await model.embed(user, texts, signal);
          span.set({ 'gen_ai.usage.input_tokens': embedded.inputTokens });
          return embedded;
        },
        { kind: 'client' },
      ),
  };
}
