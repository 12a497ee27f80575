import type { EmbeddingCatalogModel } from '../../contracts/models.ts';
import { AppError } from '../../errors.ts';
import type { BatchEmbeddingModel } from '../../models/embedding-model.ts';
import type { GatewayRequest, ModelGateway, ModelUser } from '../../models/model-gateway.ts';

/** Azure OpenAI takes 2,048 texts and 300,000 tokens in a request. Less of it is lost when one fails, or waits for its turn. */
const MAX_INPUTS_PER_REQUEST = 64;
const MAX_TOKENS_PER_REQUEST = 16_000;
/** A request that takes more of a deployment's minute than this waits long for its turn. */
const SHARE_OF_A_MINUTE = 1 / 4;

interface EmbeddingsAnswer {
  readonly data?: readonly { readonly index: number; readonly embedding: string | readonly number[] }[];
}

/** The embedding model of the platform, behind the gateway; 64 texts a request, one after another. */
export function createEmbeddingModel(
  gateway: Pick<ModelGateway, 'send'>,
  model: EmbeddingCatalogModel,
  patience: NonNullable<GatewayRequest['patience']> = 'background',
): BatchEmbeddingModel {
  const common = {
    operation: 'embeddings',
    reason: 'platform-default',
    model,
    isOperatorsChoice: true,
    stream: false,
    patience,
  } as const;

  async function embedBatch(user: ModelUser, input: readonly string[], signal: AbortSignal) {
    const request = { ...common, body: { input, encoding_format: 'base64' } };
    const { body, outcome } = await gateway.send(user, request, signal);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const answer = JSON.parse(Buffer.concat(chunks).toString()) as EmbeddingsAnswer;
    return { vectors: vectorsOf(answer, input.length, model), usage: (await outcome).usage };
  }

  return {
    name: model.name,
    dimensions: model.dimensions,
    request: { texts: MAX_INPUTS_PER_REQUEST, tokens: tokensPerRequest(model) },
    async embed(user, texts, signal = new AbortController().signal) {
      const vectors: (readonly number[])[] = [];
      let inputTokens = 0;
      for (let start = 0; start < texts.length; start += MAX_INPUTS_PER_REQUEST) {
        const batch = await embedBatch(user, texts.slice(start, start + MAX_INPUTS_PER_REQUEST), signal);
        vectors.push(...batch.vectors);
        inputTokens += batch.usage.inputTokens;
      }
      return { vectors, inputTokens };
    },
  };
}

/** As much as the smallest of its deployments takes well. */
function tokensPerRequest({ deployments }: EmbeddingCatalogModel): number {
  const shares = deployments.map(
    ({ tokensPerMinute = Number.POSITIVE_INFINITY }) => tokensPerMinute * SHARE_OF_A_MINUTE,
  );
  return Math.floor(Math.min(MAX_TOKENS_PER_REQUEST, ...shares));
}

/** The vectors in the order of their texts. @throws AppError when they are not what was asked for. */
function vectorsOf({ data }: EmbeddingsAnswer, count: number, model: EmbeddingCatalogModel): (readonly number[])[] {
  if (!Array.isArray(data) || data.length !== count) {
    throw new AppError('upstream_failed', `The embedding model answered ${data?.length ?? 0} of ${count} texts.`);
  }
  const vectors = data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => numbersOf(embedding));
  const wrong = vectors.find((vector) => vector.length !== model.dimensions);
  if (!wrong) return vectors;
  throw new AppError(
    'upstream_failed',
    `The vectors of ${model.name} have ${wrong.length} dimensions, not ${model.dimensions}: ` +
      'check AZURE_OPENAI_EMBEDDING_DIMENSIONS, or the dimensions in MODELS_FILE.',
  );
}

/** Base64 of 32-bit floats, little end first, as asked for; some services send numbers all the same. */
function numbersOf(embedding: string | readonly number[]): readonly number[] {
  if (typeof embedding !== 'string') return embedding;
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}
