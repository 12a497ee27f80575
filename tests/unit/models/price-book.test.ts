import { describe, expect, it } from 'vitest';
import type { ModelAbility } from '../../../shared/contracts/models.ts';
import { NO_TOKENS } from '../../../shared/models/model-usage.ts';
import { createPriceBook } from '../../../shared/models/price-book.ts';
import type { ModelPrice } from '../../../shared/models/price-list.ts';
import { priceList } from '../../../shared/models/price-list.ts';

const prices = { input: 2_000_000, cachedInput: 500_000, output: 8_000_000, batch: null };
const list: ModelPrice[] = [
  { model: 'm', version: 'second', effectiveFrom: '2026-03-01', ...prices, output: 4_000_000 },
  { model: 'm', version: 'first', effectiveFrom: '2026-01-01', ...prices },
  {
    model: 'b',
    version: 'first',
    effectiveFrom: '2026-01-01',
    ...prices,
    batch: { input: 1, cachedInput: 1, output: 1 },
  },
];
const { priceOf, priceCall } = createPriceBook({ models: [] }, list);
const usage = { inputTokens: 1_000, cachedInputTokens: 600, outputTokens: 10 };

describe('prices', () => {
  it('are those that were in force at the time of the call', () => {
    expect(priceOf('m', '2025-12-31T23:59:59.999Z')).toBeUndefined();
    expect(priceOf('m', '2026-02-28T23:59:59.999Z')?.version).toBe('first');
    expect(priceOf('m', '2026-03-01T00:00:00.000Z')?.version).toBe('second');
  });

  it('charge cached input less and say what that saved', () => {
    expect(priceCall('m', usage, '2026-01-02', 'standard')).toEqual({
      costMicroUsd: 400 * 2 + 600 * 0.5 + 10 * 8,
      savedMicroUsd: 600 * 1.5,
      priceVersion: 'first',
    });
  });

  it('of batches are their own where there are any', () => {
    const million = { inputTokens: 1_000_000, cachedInputTokens: 0, outputTokens: 0 };

    expect(priceCall('b', million, '2026-01-02', 'batch')).toMatchObject({
      costMicroUsd: 1,
      priceVersion: 'first-batch',
    });
    expect(priceCall('m', million, '2026-01-02', 'batch')).toMatchObject({ priceVersion: 'first' });
  });

  it('round each call up to a whole micro-dollar', () => {
    const one = { inputTokens: 1, cachedInputTokens: 1, outputTokens: 0 };
    expect(createPriceBook().priceCall('gpt-4.1', one, '2026-01-01').costMicroUsd).toBe(1);
  });

  it('hold for a dated release of a model too', () => {
    expect(createPriceBook().priceOf('gpt-4.1-mini-2025-04-14', '2026-01-01')?.model).toBe('gpt-4.1-mini');
  });

  it('are nothing for a model that is not listed', () => {
    expect(priceCall('mystery', usage, '2026-01-01')).toEqual({
      costMicroUsd: 0,
      savedMicroUsd: 0,
      priceVersion: 'unlisted',
    });
  });

  it('of a catalog win over the list, which prices a model that it leaves out', () => {
    const deployed = (deployment: string) => ({ deployments: [{ endpoint: 'e', deployment, priority: 1, weight: 1 }] });
    const chat = {
      kind: 'chat',
      contextTokens: 1,
      maxOutputTokens: 1,
      size: 'small',
      abilities: [] as ModelAbility[],
    } as const;
    const own = { version: 'own', effectiveFrom: '2026-02-01', ...prices };
    const book = createPriceBook(
      {
        models: [
          { ...chat, ...deployed('m-prod'), name: 'm', prices: [own] },
          { ...chat, ...deployed('b'), name: 'house-model', prices: [] },
        ],
      },
      list,
    );

    expect(book.priceOf('m', '2026-05-01')?.version).toBe('own');
    expect(book.priceOf('m', '2026-01-15')).toBeUndefined();
    expect(book.priceOf('house-model', '2026-05-01')?.model).toBe('b');
  });

  it('of services are for each page or search, or for tokens, as listed or as the catalog says', () => {
    const price = { version: 'own', effectiveFrom: '2026-02-01', unit: 0, input: 0 };
    const services = { judge: [{ ...price, input: 50_000 }], 'prebuilt-layout': [{ ...price, unit: 7 }] };
    const book = createPriceBook({ models: [], services });
    const cost = (name: string, used: object, at = '2026-05-01') =>
      book.priceCall(name, { ...NO_TOKENS, ...used }, at).costMicroUsd;

    expect(cost('prebuilt-layout', { units: 3 })).toBe(21);
    expect(createPriceBook().priceCall('prebuilt-layout', { ...NO_TOKENS, units: 3 }, '2026-05-01').costMicroUsd).toBe(
      30_000,
    );
    expect(cost('rerank-v3.5', { units: 1 })).toBe(2_000);
    expect(cost('judge', { inputTokens: 1_000_000 })).toBe(50_000);
    expect(cost('judge', { inputTokens: 1_000_000 }, '2026-01-01')).toBe(0);
  });

  it('name each state of a model once', () => {
    const versions = priceList.map(({ model, version }) => `${model}/${version}`);
    const starts = priceList.map(({ model, effectiveFrom }) => `${model}/${effectiveFrom}`);

    expect(new Set(versions).size).toBe(versions.length);
    expect(new Set(starts).size).toBe(starts.length);
  });
});
