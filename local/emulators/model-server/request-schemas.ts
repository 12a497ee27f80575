import { z } from 'zod';
import { EMBEDDING_DIMENSIONS } from './deployments.ts';

const MAX_MESSAGES = 2048;
const MAX_TOOLS = 128;
const MAX_CHOICES = 4;
const MAX_STOPS = 4;
const MAX_TOP_LOGPROBS = 20;
const MAX_INPUTS = 2048;

const textPart = z.object({
  type: z.enum(['text', 'refusal'], { error: 'This model reads text only.' }),
  text: z.string(),
});

const content = z.union([
  z.string(),
  z.array(textPart).transform((parts) => parts.map(({ text }) => text).join('\n')),
  z.null().transform(() => ''),
]);

const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: content.optional().transform((text) => text ?? ''),
  tool_calls: z.array(toolCall).optional(),
  tool_call_id: z.string().optional(),
});

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().min(1),
    parameters: z.record(z.string(), z.unknown()).default({}),
  }),
});

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
]);

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()).default({}) }),
  }),
]);

const tokenCount = z.number().int().min(1).nullish();

/** The fields of a chat request that this model obeys; it ignores others, such as `temperature`. */
export const chatRequest = z.object({
  messages: z.array(message).min(1, "[] is too short - 'messages'").max(MAX_MESSAGES),
  max_tokens: tokenCount,
  max_completion_tokens: tokenCount,
  n: z.number().int().min(1).max(MAX_CHOICES).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(MAX_STOPS)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).max(MAX_TOOLS).nullish(),
  tool_choice: toolChoice.nullish(),
  response_format: responseFormat.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(MAX_TOP_LOGPROBS).nullish(),
});

export type ChatRequest = z.infer<typeof chatRequest>;
export type ChatMessage = ChatRequest['messages'][number];
export type Tool = z.infer<typeof tool>;

const input = z
  .string({ error: 'Arrays of tokens are not supported; send the text itself.' })
  .min(1, 'The input is empty.');

/** What the embedding deployments accept. */
export const embeddingsRequest = z.object({
  input: z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z
      .array(input, { error: 'The input must be a string or an array of strings.' })
      .min(1, 'The input is empty.')
      .max(MAX_INPUTS, `At most ${MAX_INPUTS} inputs are allowed.`),
  ),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z
    .literal(EMBEDDING_DIMENSIONS, {
      error: `This model has ${EMBEDDING_DIMENSIONS} dimensions and cannot give others.`,
    })
    .nullish(),
});
