/** What is asked: an answer as a whole, a stream that comes at once, a stream at the pace of a model. */
export type Kind = 'json' | 'stream' | 'paced';

/** How many ask at a time. */
export const PARALLEL = [1, 16, 64] as const;

export const TOKENS = 64;
