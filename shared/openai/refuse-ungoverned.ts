import type { ChatCompletionRequest } from '../contracts/openai.ts';
import { AppError } from '../errors.ts';

/**
 * Fields by which a model's service would keep, search or fetch something by itself, as the service and not as the caller:
 * with the managed identity of an Azure resource, for one, it reads whatever search index a caller names.
 */
const FIELDS = ['web_search_options', 'data_sources', 'dataSources', 'enhancements'] as const;
/** The only ones at the prices that we know. */
const SERVICE_TIERS: readonly unknown[] = ['auto', 'default', null, undefined];
/** Those that the client runs itself. */
const CLIENT_TOOLS: readonly unknown[] = ['function', 'custom'];
const DATA_URL = 'data:';

interface Part {
  readonly image_url?: { readonly url?: unknown } | string | null;
  readonly file?: { readonly file_id?: unknown } | null;
}

/** @throws AppError `bad_request` for what would have the model's service do more than answer: that no policy governs. */
export function refuseUngoverned(request: ChatCompletionRequest): void {
  const field = FIELDS.find((name) => request[name] !== undefined && request[name] !== null);
  if (field) throw notOffered(field, 'Leave it out.');
  if (request.platform?.filters) throw notOffered('platform.filters', 'A model searches nothing: ask a `kb/{name}`.');
  if (request.store === true) throw notOffered('store', 'Leave it out.');
  if (!SERVICE_TIERS.includes(request.service_tier)) throw notOffered('service_tier', 'Leave it out.');
  const tool =
    request.tools?.findIndex((one) => !CLIENT_TOOLS.includes((one as { type?: unknown } | null)?.type)) ?? -1;
  if (tool >= 0) throw notOffered(`tools[${tool}]`, 'There are only functions, which you run yourself.');
  for (const [index, message] of request.messages.entries()) refuseForeignParts(message, `messages[${index}].content`);
}

function refuseForeignParts(message: unknown, place: string): void {
  const content = (message as { readonly content?: unknown } | null)?.content;
  if (!Array.isArray(content)) return;
  for (const part of content as readonly (Part | null)[]) {
    const url = typeof part?.image_url === 'string' ? part.image_url : part?.image_url?.url;
    if (typeof url === 'string' && !url.startsWith(DATA_URL)) {
      throw notOffered(place, 'Images are not fetched from other places: send them as `data:` URLs.');
    }
    if (part?.file?.file_id !== undefined) {
      throw notOffered(place, 'No files are kept with the models: send the file as `file_data`.');
    }
  }
}

const notOffered = (param: string, advice: string) =>
  new AppError('bad_request', `\`${param}\` is not offered like that here. ${advice}`, { details: { param } });
