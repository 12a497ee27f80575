import type { ChunkEmbedMessage } from '../contracts/queue-messages.ts';
import { type AppError, isAppError } from '../errors.ts';
import type { TenantDirectory } from '../identity/directory.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { Reservation, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import { type FailDocumentOptions, failDocument } from './fail-document.ts';

/** A budget may be raised at any time, so a message never sleeps longer than this. */
const MAX_DELAY_SECONDS = 15 * 60;

export interface EmbeddingAdmissionOptions extends FailDocumentOptions {
  readonly queues: IngestionQueues;
  readonly tenants: TenantDirectory;
  readonly limiter: TokenRateLimiter;
  readonly embeddingModel: EmbeddingModel;
  readonly prices: PriceBook;
}

/** A batch that may be embedded, on behalf of whom. */
export interface Admission {
  readonly reservation: Reservation;
  readonly user: ModelUser;
}

/**
 * Sets aside what embedding a batch will take. Where the limits refuse, the batch is sent again for when there is room,
 * so that limits slow ingestion down and fail nothing; a batch that no limit could ever hold fails its document.
 * @returns null when the batch is not to be embedded now.
 */
export function createEmbeddingAdmission(
  options: EmbeddingAdmissionOptions,
): (message: ChunkEmbedMessage, texts: readonly string[]) => Promise<Admission | null> {
  const { queues, tenants, limiter, embeddingModel, prices, now } = options;

  async function putOff(message: ChunkEmbedMessage, refusal: AppError): Promise<void> {
    if (refusal.retryAfterSeconds !== undefined) {
      await queues.chunkEmbed([message], Math.min(Math.ceil(refusal.retryAfterSeconds), MAX_DELAY_SECONDS));
      return;
    }
    const reason = `The limits of your organisation are too small for it: ${refusal.message}`;
    await failDocument(options, message, { code: 'limits-too-small', reason });
  }

  return async (message, texts) => {
    const tenant = await tenants.byId(message.tenantId);
    if (!tenant) return null;
    const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    const usage = { inputTokens, cachedInputTokens: 0, outputTokens: 0 };
    const amounts = prices.amountsOf(embeddingModel.name, usage, now().toISOString());
    const estimate = { ...amounts, knowledgeBaseIds: [message.knowledgeBaseId] };
    try {
      const user = { tenantChain: tenant.tenantChain };
      return { user, reservation: await limiter.reserve({ ...user, userId: null }, estimate) };
    } catch (error) {
      if (!isAppError(error, 'too_many_requests')) throw error;
      await putOff(message, error);
      return null;
    }
  };
}
