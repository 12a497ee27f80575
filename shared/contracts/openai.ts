import { z } from 'zod';
import { SearchFilters } from './search-filters.ts';

const MAX_MODEL_CHARACTERS = 200;
const MAX_MESSAGES = 2_048;
const MAX_TOOLS = 128;
const MAX_CHOICES = 16;
const MAX_TOP_LOGPROBS = 20;
const MAX_KEY_CHARACTERS = 512;
const MAX_INPUTS = 2_048;
const MAX_TEXT_CHARACTERS = 8_388_608;

const ModelName = z.string().min(1).max(MAX_MODEL_CHARACTERS).meta({
  description: 'A name of /openai/v1/models, `auto`, or `kb/{name}` to ask a knowledge base',
});
const tokenCount = z.number().int().min(1);
const key = z.string().max(MAX_KEY_CHARACTERS);
/** Checked by the model's service: it knows more of it than we do. */
const Passed = z.unknown();

/** What OpenAI has no words for; answers say theirs in a field of the same name. */
const platform = z
  .strictObject({ filters: SearchFilters.optional().meta({ description: 'Narrows what a `kb/{name}` searches' }) })
  .nullish();

/**
 * OpenAI's chat completion request. What is not named here goes to the model's service as it is; what is named is checked as
 * far as our own decisions depend on it.
 */
export const ChatCompletionRequest = z
  .looseObject({
    model: ModelName,
    messages: z.array(Passed).min(1).max(MAX_MESSAGES),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    max_completion_tokens: tokenCount.nullish(),
    max_tokens: tokenCount.nullish(),
    n: z.number().int().min(1).max(MAX_CHOICES).nullish(),
    tools: z.array(Passed).max(MAX_TOOLS).nullish(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    logprobs: z.boolean().nullish(),
    store: z.boolean().nullish(),
    prompt_cache_key: key.nullish(),
    platform,
  })
  .meta({
    id: 'ChatCompletionRequest',
    example: { model: 'auto', messages: [{ role: 'user', content: 'Hello' }], stream: false },
  });
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;

const Tokens = z.array(z.number().int().nonnegative()).min(1);

export const EmbeddingsRequest = z
  .looseObject({
    model: ModelName,
    input: z.union([
      z.string().min(1).max(MAX_TEXT_CHARACTERS),
      z.array(z.string().min(1)).min(1).max(MAX_INPUTS),
      Tokens,
      z.array(Tokens).min(1).max(MAX_INPUTS),
    ]),
    encoding_format: z.enum(['float', 'base64']).nullish(),
    dimensions: z.number().int().min(1).nullish(),
  })
  .meta({ id: 'EmbeddingsRequest', example: { model: 'text-embedding-3-small', input: ['Hello'] } });
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;

/** OpenAI's request for a response. It is translated, so that only what is named here has an effect. */
export const ResponsesRequest = z
  .looseObject({
    model: ModelName,
    input: z.union([z.string().min(1).max(MAX_TEXT_CHARACTERS), z.array(z.looseObject({})).min(1).max(MAX_MESSAGES)]),
    instructions: z.string().max(MAX_TEXT_CHARACTERS).nullish(),
    stream: z.boolean().nullish(),
    max_output_tokens: tokenCount.nullish(),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    top_logprobs: z.number().int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
    tools: z
      .array(z.looseObject({ type: z.string() }))
      .max(MAX_TOOLS)
      .nullish(),
    tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]).nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z
      .looseObject({ format: z.looseObject({ type: z.string() }).nullish(), verbosity: z.string().nullish() })
      .nullish(),
    reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
    include: z.array(z.string()).max(MAX_TOOLS).nullish(),
    user: key.nullish(),
    safety_identifier: key.nullish(),
    prompt_cache_key: key.nullish(),
    service_tier: z.string().nullish(),
    truncation: z.string().nullish(),
    store: z.boolean().nullish(),
    background: z.boolean().nullish(),
    previous_response_id: z.string().nullish(),
    conversation: z.unknown().optional(),
    prompt: z.unknown().optional(),
    platform,
  })
  .meta({ id: 'ResponsesRequest', example: { model: 'auto', input: 'Hello', stream: false } });
export type ResponsesRequest = z.infer<typeof ResponsesRequest>;

export const OpenAiModel = z
  .object({ id: z.string(), object: z.literal('model'), created: z.number().int(), owned_by: z.string() })
  .meta({ id: 'OpenAiModel' });
export type OpenAiModel = z.infer<typeof OpenAiModel>;

export const OpenAiModels = z
  .object({ object: z.literal('list'), data: z.array(OpenAiModel) })
  .meta({ id: 'OpenAiModels' });
export type OpenAiModels = z.infer<typeof OpenAiModels>;

/** An error in the shape that clients of OpenAI's API turn into their classes. */
export const OpenAiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.string().nullable(),
      param: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiError' });
export type OpenAiError = z.infer<typeof OpenAiError>;

/** The usage of a completion as services tell it: any part may be missing. */
export interface CompletionUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
}

/** The same in the platform's own terms, in tokens. */
export function usageOf(usage: CompletionUsage) {
  return {
    inputTokens: usage.prompt_tokens ?? 0,
    cachedInputTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    outputTokens: usage.completion_tokens ?? 0,
  };
}
