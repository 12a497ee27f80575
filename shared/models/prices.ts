import type { ModelUsage } from './chat-model.ts';
import { type ModelPrice, priceList } from './price-list.ts';

/** What a call cost, by which price. Micro-dollars, each rounded up. */
export interface PricedCall {
  readonly costMicroUsd: number;
  /** What the model's own prompt cache saved. */
  readonly savedMicroUsd: number;
  readonly priceVersion: string;
}

export type PriceTier = 'standard' | 'batch';

const MILLION = 1_000_000;
/** `gpt-4.1-mini-2025-04-14` costs what `gpt-4.1-mini` costs, unless it is listed itself. */
const RELEASE_DATE = /-\d{4}-\d{2}-\d{2}$/;
const UNLISTED = 'unlisted';

/** The price of a deployment or model in force at a time (ISO 8601, UTC); undefined when none is listed for then. */
export function priceOf(model: string, at: string, list: readonly ModelPrice[] = priceList): ModelPrice | undefined {
  const inForce = (name: string) =>
    list
      .filter((price) => price.model === name && price.effectiveFrom <= at)
      .toSorted((one, other) => (one.effectiveFrom < other.effectiveFrom ? 1 : -1))[0];
  return inForce(model) ?? inForce(model.replace(RELEASE_DATE, ''));
}

/** Prices a call; 0 with the version `unlisted` for a model without a price. A batch price falls back to the standard one. */
export function priceCall(
  model: string,
  usage: ModelUsage,
  at: string,
  tier: PriceTier = 'standard',
  list?: readonly ModelPrice[],
): PricedCall {
  const price = priceOf(model, at, list);
  if (!price) return { costMicroUsd: 0, savedMicroUsd: 0, priceVersion: UNLISTED };
  const batch = tier === 'batch' ? price.batch : null;
  const { input, cachedInput, output } = batch ?? price;
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const cost = (usage.inputTokens - cached) * input + cached * cachedInput + usage.outputTokens * output;
  return {
    costMicroUsd: Math.ceil(cost / MILLION),
    savedMicroUsd: Math.floor((cached * (input - cachedInput)) / MILLION),
    priceVersion: batch ? `${price.version}-batch` : price.version,
  };
}

/** What a call costs in micro-dollars, rounded up; 0 for a model without a listed price. `at` is ISO 8601, UTC. */
export function costMicroUsd(model: string, usage: ModelUsage, at: string): number {
  return priceCall(model, usage, at).costMicroUsd;
}

/** What a call took, as the limits count it: tokens in and out, and their price. `at` is ISO 8601, UTC. */
export function amountsOf(model: string, usage: ModelUsage, at: string): { tokens: number; microUsd: number } {
  return { tokens: usage.inputTokens + usage.outputTokens, microUsd: costMicroUsd(model, usage, at) };
}
