import { z } from 'zod';
import { secret, url } from './setting-types.ts';

/** The settings of a service that judges passages again. */
export const rerankSettings = {
  RERANK_URL: url
    .optional()
    .describe(
      'Base URL of a reranker, such as https://api.cohere.com/v2; it gets questions and passages. Left out, none',
    ),
  RERANK_KEY: secret.optional().describe('Its key'),
  RERANK_MODEL: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Its model, such as `rerank-v3.5`; its price goes by that name'),
  RERANK_FORMAT: z
    .enum(['cohere', 'tei'])
    .default('cohere')
    .describe('`cohere`: as Cohere, Jina, Voyage and vLLM speak; `tei`: Text Embeddings Inference'),
};

export interface RerankConfig {
  readonly url: string;
  readonly key: string | undefined;
  readonly model: string | undefined;
  readonly format: 'cohere' | 'tei';
}

type RerankValues = z.infer<z.ZodObject<typeof rerankSettings>>;

/** null: passages keep the order that the search gives them. */
export function rerankConfig({
  RERANK_URL,
  RERANK_KEY,
  RERANK_MODEL,
  RERANK_FORMAT,
}: RerankValues): RerankConfig | null {
  if (RERANK_URL === undefined) return null;
  return { url: RERANK_URL.replace(/\/+$/, ''), key: RERANK_KEY, model: RERANK_MODEL, format: RERANK_FORMAT };
}
