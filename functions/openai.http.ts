import { z } from 'zod';
import {
  ChatCompletionRequest,
  EmbeddingsRequest,
  OpenAiModel,
  OpenAiModels,
  ResponsesRequest,
} from '../shared/contracts/openai.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { callContextOf, openAiReply } from '../shared/edge/openai-reply.ts';

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_NAME_CHARACTERS = 200;

const common = { tag: 'OpenAI', permission: 'chat:use', errors: 'openai' } as const;
const posted = { ...common, method: 'POST', maxBodyBytes: MAX_BODY_BYTES } as const;
const answered = {
  200: { contentType: 'application/json', description: "As OpenAI's API answers; with `stream`, server-sent events" },
};
const ModelName = z.string().min(1).max(MAX_NAME_CHARACTERS);

export const openAiModels = endpoint({
  ...common,
  name: 'openai-models-list',
  method: 'GET',
  route: 'openai/v1/models',
  summary: 'What you may name as a model',
  description: 'Models, `auto`, and `kb/{name}` for each knowledge base that you may see.',
  responses: { 200: OpenAiModels },
  handle: async ({ principal, services }) => ({ body: await services.openAi.models(principal) }),
});

export const openAiModel = endpoint({
  ...common,
  name: 'openai-models-get',
  method: 'GET',
  route: 'openai/v1/models/{model}',
  summary: 'One model',
  params: z.object({ model: ModelName }),
  responses: { 200: OpenAiModel },
  handle: async ({ principal, params, services }) => ({
    body: await services.openAi.model(principal, params.model),
  }),
});

export const openAiKnowledgeModel = endpoint({
  ...common,
  name: 'openai-models-get-knowledge-base',
  method: 'GET',
  route: 'openai/v1/models/kb/{knowledgeBase}',
  summary: 'One knowledge base as a model',
  params: z.object({ knowledgeBase: ModelName }),
  responses: { 200: OpenAiModel },
  handle: async ({ principal, params, services }) => ({
    body: await services.openAi.model(principal, `kb/${params.knowledgeBase}`),
  }),
});

export const openAiChatCompletions = endpoint({
  ...posted,
  name: 'openai-chat-completions',
  route: 'openai/v1/chat/completions',
  summary: 'Complete a chat',
  description:
    "OpenAI's chat completions. Fields that are not documented here go to the model as they are. A `kb/{name}` answers from a knowledge base, with citations as `annotations`.",
  body: ChatCompletionRequest,
  responses: answered,
  handle: async ({ principal, body, request, services }) =>
    openAiReply(await services.openAi.chat(principal, body, callContextOf(request))),
});

export const openAiResponses = endpoint({
  ...posted,
  name: 'openai-responses',
  route: 'openai/v1/responses',
  summary: 'Create a response',
  description: "OpenAI's responses, without memory: nothing is kept between calls. Functions are the only tools.",
  body: ResponsesRequest,
  responses: answered,
  handle: async ({ principal, body, request, services }) =>
    openAiReply(await services.openAi.responses(principal, body, callContextOf(request))),
});

export const openAiEmbeddings = endpoint({
  ...posted,
  name: 'openai-embeddings',
  route: 'openai/v1/embeddings',
  summary: 'Turn texts into vectors',
  body: EmbeddingsRequest,
  responses: answered,
  handle: async ({ principal, body, services }) => openAiReply(await services.openAi.embeddings(principal, body)),
});
