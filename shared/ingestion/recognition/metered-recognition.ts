import type { TenantDirectory } from '../../identity/directory.ts';
import type { StoredDocument } from '../../knowledge/document-repository.ts';
import type { TokenRateLimiter } from '../../limits/token-rate-limiter.ts';
import { NO_TOKENS } from '../../models/model-usage.ts';
import type { PriceBook } from '../../models/price-book.ts';
import type { UsageMeter } from '../../usage/usage-meter.ts';
import type { TextRecognition } from './text-recognition.ts';

export interface MeteredRecognitionOptions {
  readonly textRecognition: TextRecognition | null;
  readonly tenants: TenantDirectory;
  readonly limiter: TokenRateLimiter;
  readonly prices: PriceBook;
  readonly meter: UsageMeter;
  readonly now: () => Date;
}

/**
 * Reads pictures of a document within the limits of its tenant, each page metered. It also throws the `too_many_requests` of
 * the limits. null: nothing reads pictures.
 */
export function recognitionFor(
  { textRecognition, tenants, limiter, prices, meter, now }: MeteredRecognitionOptions,
  { tenantId, knowledgeBaseId, createdBy: userId }: StoredDocument,
): TextRecognition | null {
  if (!textRecognition) return null;
  const { model } = textRecognition;
  const taking = (pages: number) => {
    const usage = { ...NO_TOKENS, units: pages };
    return { usage, amounts: prices.amountsOf(model, usage, now().toISOString()) };
  };
  return {
    model,
    async recognize(bytes) {
      const tenant = await tenants.byId(tenantId);
      if (!tenant) return null;
      // Nobody knows how many pages there are before they are read.
      const estimate = { ...taking(1).amounts, knowledgeBaseIds: [knowledgeBaseId] };
      const reservation = await limiter.reserve({ tenantChain: tenant.tenantChain, userId: null }, estimate);
      try {
        const found = await textRecognition.recognize(bytes);
        if (!found) return null;
        const { usage, amounts } = taking(found.pageCount);
        const event = { tenantId, kind: 'recognition', userId, knowledgeBaseId, model, usage } as const;
        await Promise.all([reservation.settle(amounts), meter.record([event])]);
        return found;
      } finally {
        await reservation.release();
      }
    },
  };
}
