import type { CreateEmbeddingResponse } from 'openai/resources/embeddings';
import type { ModelConfig } from '../../config.ts';
import { AppError } from '../../errors.ts';
import type { EmbeddingModel } from '../../models/embedding-model.ts';
import { retry } from '../retry.ts';
import { modelDelay } from './model-delay.ts';
import { toModelError } from './model-failure.ts';
import { openaiClient } from './openai-client.ts';

const MAX_INPUTS_PER_REQUEST = 64;

/** All in milliseconds, `tries` apart. */
export interface EmbeddingLimits {
  readonly request: number;
  readonly tries: number;
  /** For the tries of one request together. */
  readonly deadline: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
}

/** More patient than for a chat: a throttled embedding only slows the ingestion. */
export const EMBEDDING_LIMITS: EmbeddingLimits = {
  request: 60_000,
  tries: 5,
  deadline: 90_000,
  firstDelay: 500,
  longestDelay: 60_000,
};

/** Somebody waits for the answer to this question. */
export const QUESTION_LIMITS: EmbeddingLimits = {
  request: 10_000,
  tries: 3,
  deadline: 10_000,
  firstDelay: 250,
  longestDelay: 5_000,
};

/** Embeddings of Azure OpenAI, or of any service that speaks its protocol; 64 texts a request, one after another. */
export function createEmbeddingModel(config: ModelConfig, limits: EmbeddingLimits = EMBEDDING_LIMITS): EmbeddingModel {
  const connect = openaiClient(config);
  const deployment = config.embeddingDeployment;

  async function embedBatch(input: string[], caller: AbortSignal | undefined): Promise<CreateEmbeddingResponse> {
    const client = await connect();
    const timeout = AbortSignal.timeout(limits.request);
    const signal = caller ? AbortSignal.any([caller, timeout]) : timeout;
    try {
      return await client.embeddings.create({ model: deployment, input }, { signal });
    } catch (error) {
      if (!timeout.aborted || caller?.aborted) throw error;
      throw new AppError('upstream_timeout', 'The embedding model did not answer in time.', { cause: error });
    }
  }

  return {
    name: deployment,
    dimensions: config.embeddingDimensions,
    async embed(texts, signal) {
      const vectors: number[][] = [];
      let inputTokens = 0;
      for (let start = 0; start < texts.length; start += MAX_INPUTS_PER_REQUEST) {
        const input = texts.slice(start, start + MAX_INPUTS_PER_REQUEST);
        const answer = await retry(() => embedBatch(input, signal), {
          tries: limits.tries,
          deadline: limits.deadline,
          delayAfter: (error, attempt) => modelDelay(error, attempt, limits.firstDelay, limits.longestDelay),
          signal,
        }).catch((error: unknown) => {
          throw signal?.aborted ? signal.reason : toModelError(error, config, deployment);
        });
        vectors.push(...vectorsOf(answer, input.length, config));
        inputTokens += answer.usage?.prompt_tokens ?? 0;
      }
      return { vectors, inputTokens };
    },
  };
}

/** The vectors in the order of their texts. @throws AppError when they are not what was asked for. */
function vectorsOf({ data }: CreateEmbeddingResponse, count: number, config: ModelConfig): number[][] {
  if (!Array.isArray(data) || data.length !== count) {
    throw new AppError('upstream_failed', `The embedding model answered ${data?.length ?? 0} of ${count} texts.`);
  }
  const vectors = data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => embedding);
  const wrong = vectors.find((vector) => vector.length !== config.embeddingDimensions);
  if (!wrong) return vectors;
  throw new AppError(
    'upstream_failed',
    `The vectors of ${config.embeddingDeployment} have ${wrong.length} dimensions, not ${config.embeddingDimensions}: ` +
      'check AZURE_OPENAI_EMBEDDING_DIMENSIONS.',
  );
}
