const REMEMBERED_PROMPTS = 32;
const SMALLEST_CACHED_PREFIX = 1024;
const STEP = 128;

export interface PromptCache {
  /** How many leading tokens an earlier prompt had as well; remembers this prompt. */
  cachedTokens(prompt: readonly number[]): number;
}

/** Counts cached prompt tokens as Azure OpenAI bills them: prefixes from 1,024 tokens on, in steps of 128. */
export function createPromptCache(): PromptCache {
  const remembered: (readonly number[])[] = [];
  return {
    cachedTokens(prompt) {
      const longest = Math.max(0, ...remembered.map((earlier) => commonPrefix(earlier, prompt)));
      remembered.push(prompt);
      if (remembered.length > REMEMBERED_PROMPTS) remembered.shift();
      return longest < SMALLEST_CACHED_PREFIX ? 0 : longest - (longest % STEP);
    },
  };
}

function commonPrefix(one: readonly number[], other: readonly number[]): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

const MAX_REGIONS = 100;

/** Gives each region a cache of its own; regions beyond the hundredth share one. */
export function createRegionalPromptCaches(): (region: string) => PromptCache {
  const shared = createPromptCache();
  const caches = new Map<string, PromptCache>();
  return (region) => {
    const known = caches.get(region);
    if (known) return known;
    if (caches.size >= MAX_REGIONS) return shared;
    const cache = createPromptCache();
    caches.set(region, cache);
    return cache;
  };
}
