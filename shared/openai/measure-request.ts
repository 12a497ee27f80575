import { AppError } from '../errors.ts';

const MAX_DEPTH = 64;
const CHARACTERS_PER_TOKEN = 4;
/** What an image in high detail usually takes, however many bytes it has. */
const IMAGE_TOKENS = 1_100;
const DATA_URL = 'data:';
/** Elsewhere a text may begin like one, to be taken for less than it is. */
const IMAGE_FIELDS = new Set(['url', 'image_url', 'file_data']);

/**
 * About how many tokens a request is, by the length of all its texts, without a tokenizer; rounded up.
 * @throws AppError `bad_request` for one that is nested deeper than 64 levels.
 */
export function measureRequest(request: object): number {
  return Math.ceil(charactersOf(request, 0) / CHARACTERS_PER_TOKEN);
}

function charactersOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return CHARACTERS_PER_TOKEN;
  if (depth >= MAX_DEPTH) throw new AppError('bad_request', `The body is nested deeper than ${MAX_DEPTH} levels.`);
  let characters = 0;
  if (Array.isArray(value)) for (const inner of value) characters += charactersOf(inner, depth + 1);
  else for (const [name, inner] of Object.entries(value)) characters += charactersOfField(name, inner, depth + 1);
  return characters;
}

function charactersOfField(name: string, value: unknown, depth: number): number {
  const isImage = IMAGE_FIELDS.has(name) && typeof value === 'string' && value.startsWith(DATA_URL);
  return isImage ? IMAGE_TOKENS * CHARACTERS_PER_TOKEN : charactersOf(value, depth);
}
