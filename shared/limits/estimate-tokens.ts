const CHARACTERS_PER_TOKEN = 4;

/** About how many tokens a text is, without a tokenizer; rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
