import { isAppError } from '../errors.ts';
import type { TenantDirectory } from '../identity/directory.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { Reservation, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { EmbeddingModel } from '../models/embedding-model.ts';
import type { ModelUser } from '../models/model-gateway.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { FailDocumentOptions } from './fail-document.ts';
import { type PostponableWork, putOffRefused } from './put-off.ts';

export interface EmbeddingAdmissionOptions extends FailDocumentOptions {
  readonly tenants: TenantDirectory;
  readonly limiter: TokenRateLimiter;
  readonly prices: PriceBook;
}

/** Texts of a version of a document that are to be embedded. */
export interface EmbeddingWork extends PostponableWork {
  readonly embeddingModel: Pick<EmbeddingModel, 'name'>;
  readonly texts: readonly string[];
}

/** A batch that may be embedded, on behalf of whom. */
export interface Admission {
  readonly reservation: Reservation;
  readonly user: ModelUser;
}

/**
 * Sets aside what embedding a batch will take. Where the limits refuse, it is put off.
 * @returns null when the batch is not to be embedded now.
 */
export function createEmbeddingAdmission(
  options: EmbeddingAdmissionOptions,
): (work: EmbeddingWork) => Promise<Admission | null> {
  const { tenants, limiter, prices, now } = options;

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
      await putOffRefused(options, work, error);
      return null;
    }
  };
}
