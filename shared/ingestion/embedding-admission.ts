import type { DocumentChunkMessage } from '../contracts/queue-messages.ts';
import { type AppError, isAppError } from '../errors.ts';
import type { TenantDirectory } from '../identity/directory.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { Reservation, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import { type FailDocumentOptions, failDocument } from './fail-document.ts';

/** A budget may be raised at any time, so a message never sleeps longer than this. */
const MAX_DELAY_SECONDS = 15 * 60;

export interface EmbeddingAdmissionOptions extends FailDocumentOptions {
  readonly tenants: TenantDirectory;
  readonly limiter: TokenRateLimiter;
  readonly prices: PriceBook;
}

/** Texts of a version of a document that are to be embedded. */
export interface EmbeddingWork {
  readonly of: DocumentChunkMessage;
  readonly embeddingModel: Pick<EmbeddingModel, 'name'>;
  readonly texts: readonly string[];
  /** Does the work again later. */
  readonly putOff: (delaySeconds: number) => Promise<void>;
}

/** A batch that may be embedded, on behalf of whom. */
export interface Admission {
  readonly reservation: Reservation;
  readonly user: ModelUser;
}

/** For how long work is put off that was told to come back later, in whole seconds. */
export function delayOf(retryAfterSeconds: number): number {
  return Math.min(Math.ceil(retryAfterSeconds), MAX_DELAY_SECONDS);
}

/**
 * Sets aside what embedding a batch will take. Where the limits refuse, the batch is sent again for when there is room,
 * so that limits slow ingestion down and fail nothing; a batch that no limit could ever hold fails its document.
 * @returns null when the batch is not to be embedded now.
 */
export function createEmbeddingAdmission(
  options: EmbeddingAdmissionOptions,
): (work: EmbeddingWork) => Promise<Admission | null> {
  const { tenants, limiter, prices, now } = options;

  async function comeBack({ of, putOff }: EmbeddingWork, refusal: AppError): Promise<void> {
    if (refusal.retryAfterSeconds !== undefined) return putOff(delayOf(refusal.retryAfterSeconds));
    const reason = `The limits of your organisation are too small for it: ${refusal.message}`;
    await failDocument(options, of, { code: 'limits-too-small', reason });
  }

  return async (work) => {
    const { of, embeddingModel, texts } = work;
    const tenant = await tenants.byId(of.tenantId);
    if (!tenant) return null;
    const inputTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    const usage = { inputTokens, cachedInputTokens: 0, outputTokens: 0 };
    const amounts = prices.amountsOf(embeddingModel.name, usage, now().toISOString());
    const estimate = { ...amounts, knowledgeBaseIds: [of.knowledgeBaseId] };
    try {
      const user = { tenantChain: tenant.tenantChain };
      return { user, reservation: await limiter.reserve({ ...user, userId: null }, estimate) };
    } catch (error) {
      if (!isAppError(error, 'too_many_requests')) throw error;
      await comeBack(work, error);
      return null;
    }
  };
}
