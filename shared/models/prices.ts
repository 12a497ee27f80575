import type { ModelUsage } from './chat-model.ts';

/** Micro-dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

const GPT_4_1_MINI: ModelPrice = { input: 400_000, cachedInput: 100_000, output: 1_600_000 };

/** List prices by deployment name, as of 2026-11. The local models are priced like the hosted ones that they stand in for. */
const PRICES: Readonly<Record<string, ModelPrice>> = {
  'gpt-4.1': { input: 2_000_000, cachedInput: 500_000, output: 8_000_000 },
  'gpt-4.1-mini': GPT_4_1_MINI,
  'gpt-4o': { input: 2_500_000, cachedInput: 1_250_000, output: 10_000_000 },
  'gpt-4o-mini': { input: 150_000, cachedInput: 75_000, output: 600_000 },
  'text-embedding-3-small': { input: 20_000, cachedInput: 20_000, output: 0 },
  'text-embedding-3-large': { input: 130_000, cachedInput: 130_000, output: 0 },
  'local-extractive': GPT_4_1_MINI,
};

const MILLION = 1_000_000;

/** What a call cost in micro-dollars, rounded up; 0 for a model without a listed price. */
export function costMicroUsd(model: string, usage: ModelUsage): number {
  const price = PRICES[model];
  if (!price) return 0;
  const fresh = usage.inputTokens - usage.cachedInputTokens;
  const cost = fresh * price.input + usage.cachedInputTokens * price.cachedInput + usage.outputTokens * price.output;
  return Math.ceil(cost / MILLION);
}
