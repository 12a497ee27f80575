import type { ModelPrice as CatalogPrice } from '../contracts/models.ts';

/** What a model of that name costs from a day on. */
export type ModelPrice = Readonly<
  CatalogPrice & {
    model: string;
    /** Micro-dollars for a page or a search, of what is paid by these. */
    unit?: number;
  }
>;

const FIRST = { version: '2025-04', effectiveFrom: '2025-04-14' } as const;

const GPT_4_1 = {
  input: 2_000_000,
  cachedInput: 500_000,
  output: 8_000_000,
  batch: { input: 1_000_000, cachedInput: 250_000, output: 4_000_000 },
} as const;

const GPT_4_1_MINI = {
  input: 400_000,
  cachedInput: 100_000,
  output: 1_600_000,
  batch: { input: 200_000, cachedInput: 50_000, output: 800_000 },
} as const;

const EMBEDDING_3_SMALL = {
  input: 20_000,
  cachedInput: 20_000,
  output: 0,
  batch: { input: 10_000, cachedInput: 10_000, output: 0 },
} as const;

const BY_UNIT = { input: 0, cachedInput: 0, output: 0, batch: null } as const;

/**
 * List prices in USD. A price that was in force is never edited: a new one is added with its day, so that an old call
 * costs what it cost. The local models are priced like the hosted ones that they stand in for.
 */
export const priceList: readonly ModelPrice[] = [
  { model: 'gpt-4.1', ...FIRST, ...GPT_4_1 },
  { model: 'gpt-4.1-mini', ...FIRST, ...GPT_4_1_MINI },
  {
    model: 'gpt-4o',
    ...FIRST,
    input: 2_500_000,
    cachedInput: 1_250_000,
    output: 10_000_000,
    batch: { input: 1_250_000, cachedInput: 1_250_000, output: 5_000_000 },
  },
  {
    model: 'gpt-4o-mini',
    ...FIRST,
    input: 150_000,
    cachedInput: 75_000,
    output: 600_000,
    batch: { input: 75_000, cachedInput: 75_000, output: 300_000 },
  },
  { model: 'text-embedding-3-small', ...FIRST, ...EMBEDDING_3_SMALL },
  {
    model: 'text-embedding-3-large',
    ...FIRST,
    input: 130_000,
    cachedInput: 130_000,
    output: 0,
    batch: { input: 65_000, cachedInput: 65_000, output: 0 },
  },
  { model: 'prebuilt-layout', ...FIRST, ...BY_UNIT, unit: 10_000 },
  { model: 'rerank-v3.5', ...FIRST, ...BY_UNIT, unit: 2_000 },
  { model: 'local-extractive', ...FIRST, ...GPT_4_1_MINI },
  { model: 'local-extractive-large', ...FIRST, ...GPT_4_1 },
  { model: 'local-embedding', ...FIRST, ...EMBEDDING_3_SMALL },
  { model: 'local-hashing-embedding', ...FIRST, ...EMBEDDING_3_SMALL },
];
