import { AppError } from '../errors.ts';

const MAX_DEPTH = 64;
const CHARACTERS_PER_TOKEN = 4;
/** What an image in high detail usually takes, however many bytes it has. */
const IMAGE_TOKENS = 1_100;
const DATA_URL = 'data:';

/**
 * About how many tokens a request is, by the length of all its texts, without a tokenizer; rounded up.
 * @throws AppError `bad_request` for one that is nested deeper than 64 levels.
 */
export function measureRequest(request: object): number {
  return Math.ceil(charactersOf(request, 0) / CHARACTERS_PER_TOKEN);
}

function charactersOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return lengthOf(value);
  if (typeof value !== 'object' || value === null) return CHARACTERS_PER_TOKEN;
  if (depth >= MAX_DEPTH) throw new AppError('bad_request', `The body is nested deeper than ${MAX_DEPTH} levels.`);
  let characters = 0;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) characters += charactersOf(inner, depth + 1);
  return characters;
}

function lengthOf(text: string): number {
  return text.startsWith(DATA_URL) ? IMAGE_TOKENS * CHARACTERS_PER_TOKEN : text.length;
}
