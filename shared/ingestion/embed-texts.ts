import { isAppError } from '../errors.ts';
import type { StoredDocument } from '../knowledge/document-repository.ts';
import type { VectorSpace, VectorStore } from '../knowledge/vector-store.ts';
import type { EmbeddingModel, Embeddings } from '../models/embedding-model.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';
import { createEmbeddingAdmission, type EmbeddingAdmissionOptions, type EmbeddingWork } from './embedding-admission.ts';
import { failDocument } from './fail-document.ts';
import { delayOf } from './put-off.ts';

/** Of a service that does not say when it has room again. */
const THROTTLED_SECONDS = 5;
const TOO_LONG = {
  code: 'chunk-too-long',
  reason:
    'A chunk of it is longer than what the embedding model reads at once. Set a smaller `maxTokens` for the knowledge ' +
    'base, then try again with Retry.',
};

export interface EmbedTextsOptions extends EmbeddingAdmissionOptions {
  readonly vectorStore: Pick<VectorStore, 'vectorsOf'>;
  readonly meter: UsageMeter;
}

export interface TextsOfVersion extends EmbeddingWork {
  readonly document: StoredDocument;
  readonly embeddingModel: EmbeddingModel;
  /** Of the content of each text. */
  readonly hashes: readonly string[];
}

/** The space of a model's vectors. */
export const spaceOf = ({ name, dimensions }: Pick<EmbeddingModel, 'name' | 'dimensions'>): VectorSpace => ({
  model: name,
  dimensions,
});

/**
 * Gives the vectors of the texts of a batch by the hash of their content. Only those that the tenant does not have in this space are embedded,
 * each once; they alone are set aside, and metered. A model that has too much to do puts the batch off, however often.
 * @returns null when the batch is not to be embedded now, or never.
 */
export function createTextEmbedder(
  options: EmbedTextsOptions,
): (work: TextsOfVersion) => Promise<ReadonlyMap<string, readonly number[]> | null> {
  const { vectorStore, meter, prices, now } = options;
  const admit = createEmbeddingAdmission(options);

  async function embed(work: TextsOfVersion): Promise<Embeddings | null> {
    const { document, embeddingModel, texts } = work;
    const admitted = await admit(work);
    if (!admitted) return null;
    const { reservation, user } = admitted;
    try {
      const embedded = await embeddingModel.embed(user, texts);
      const usage = { inputTokens: embedded.inputTokens, cachedInputTokens: 0, outputTokens: 0 };
      await reservation.settle(prices.amountsOf(embeddingModel.name, usage, now().toISOString()));
      const { tenantId, knowledgeBaseId, createdBy: userId } = document;
      const model = embeddingModel.name;
      await meter.record([{ tenantId, kind: 'ingestion', userId, knowledgeBaseId, model, usage }]);
      return embedded;
    } catch (error) {
      await reservation.release();
      return refused(work, error);
    }
  }

  /** @throws what trying again at once may mend. */
  async function refused({ of, putOff }: TextsOfVersion, error: unknown): Promise<null> {
    if (isAppError(error, 'context_too_long')) {
      await failDocument(options, of, TOO_LONG);
      return null;
    }
    if (!isAppError(error, 'too_many_requests')) throw error;
    // Whatever was put off together does not come back together.
    await putOff(delayOf((error.retryAfterSeconds ?? THROTTLED_SECONDS) * (1 + Math.random())));
    return null;
  }

  return async (work) => {
    const { of, embeddingModel, texts, hashes } = work;
    const byHash = new Map(hashes.map((hash, position) => [hash, texts[position] ?? '']));
    const known = await vectorStore.vectorsOf(spaceOf(embeddingModel), of.tenantId, [...byHash.keys()]);
    const missing = [...byHash].filter(([hash]) => !known.has(hash));
    if (missing.length === 0) return known;
    const embedded = await embed({ ...work, texts: missing.map(([, text]) => text) });
    if (!embedded) return null;
    const fresh = missing.map(([hash], position) => [hash, embedded.vectors[position] ?? []] as const);
    return new Map([...known, ...fresh]);
  };
}
