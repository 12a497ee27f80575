import type { ModelCatalog } from '../contracts/models.ts';
import type { ModelUsage } from './model-usage.ts';
import { type ModelPrice, priceList } from './price-list.ts';

/** What a call cost, by which price. Micro-dollars, each rounded up. */
export interface PricedCall {
  readonly costMicroUsd: number;
  /** What the model's own prompt cache saved. */
  readonly savedMicroUsd: number;
  readonly priceVersion: string;
}

export type PriceTier = 'standard' | 'batch';

/** Knows what models cost. Times are ISO 8601, UTC. */
export interface PriceBook {
  /** The price of a model in force at a time; undefined when none is listed for then. */
  priceOf(model: string, at: string): ModelPrice | undefined;
  /** Prices a call; 0 with the version `unlisted` for a model without a price. A batch price falls back to the standard one. */
  priceCall(model: string, usage: ModelUsage, at: string, tier?: PriceTier): PricedCall;
  /** What a call took, as the limits count it: tokens in and out, and their price in micro-dollars. */
  amountsOf(model: string, usage: ModelUsage, at: string): { tokens: number; microUsd: number };
}

const MILLION = 1_000_000;
/** `gpt-4.1-mini-2025-04-14` costs what `gpt-4.1-mini` costs, unless it is listed itself. */
const RELEASE_DATE = /-\d{4}-\d{2}-\d{2}$/;
const UNLISTED: PricedCall = { costMicroUsd: 0, savedMicroUsd: 0, priceVersion: 'unlisted' };

/** The prices of a catalog; a model that it gives no price costs what the list says for its name or its first deployment. */
export function createPriceBook(
  { models, services = {} }: Pick<ModelCatalog, 'models' | 'services'> = { models: [] },
  list: readonly ModelPrice[] = priceList,
): PriceBook {
  const newestFirst = new Map<string, readonly ModelPrice[]>();
  for (const [name, prices] of Map.groupBy(list, ({ model }) => model)) newestFirst.set(name, sorted(prices));
  for (const { name, prices, deployments } of models) {
    const own = sorted(prices.map((price) => ({ ...price, model: name })));
    const listed = newestFirst.get(name) ?? newestFirst.get(deployments[0]?.deployment ?? '');
    if (own.length > 0 || listed) newestFirst.set(name, own.length > 0 ? own : (listed ?? []));
  }
  for (const [name, prices] of Object.entries(services)) {
    const own = prices.map((price) => ({ ...price, model: name, cachedInput: price.input, output: 0, batch: null }));
    newestFirst.set(name, sorted(own));
  }
  const inForce = (name: string, at: string) => newestFirst.get(name)?.find(({ effectiveFrom }) => effectiveFrom <= at);
  const priceOf: PriceBook['priceOf'] = (model, at) =>
    inForce(model, at) ?? inForce(model.replace(RELEASE_DATE, ''), at);
  const priceCall: PriceBook['priceCall'] = (model, usage, at, tier = 'standard') => {
    const price = priceOf(model, at);
    return price ? priced(price, usage, tier) : UNLISTED;
  };
  return {
    priceOf,
    priceCall,
    amountsOf: (model, usage, at) => ({
      tokens: usage.inputTokens + usage.outputTokens,
      microUsd: priceCall(model, usage, at).costMicroUsd,
    }),
  };
}

function sorted(prices: readonly ModelPrice[]): readonly ModelPrice[] {
  return prices.toSorted((one, other) => (one.effectiveFrom < other.effectiveFrom ? 1 : -1));
}

function priced(price: ModelPrice, usage: ModelUsage, tier: PriceTier): PricedCall {
  const batch = tier === 'batch' ? price.batch : null;
  const { input, cachedInput, output } = batch ?? price;
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const cost = (usage.inputTokens - cached) * input + cached * cachedInput + usage.outputTokens * output;
  return {
    costMicroUsd: Math.ceil(cost / MILLION + (usage.units ?? 0) * (price.unit ?? 0)),
    savedMicroUsd: Math.floor((cached * (input - cachedInput)) / MILLION),
    priceVersion: batch ? `${price.version}-batch` : price.version,
  };
}
