import type {
  ChatCompletionRequest,
  EmbeddingsRequest,
  OpenAiModel,
  OpenAiModels,
  ResponsesRequest,
} from '../contracts/openai.ts';
import type { Principal } from '../identity/principal.ts';
import type { CallContext, OpenAiAnswer } from './answer.ts';
import { completeChat } from './chat-completions.ts';
import { completeFromKnowledge, type KnowledgeCompletionOptions } from './complete-from-knowledge.ts';
import { embedInputs } from './embeddings.ts';
import { isKnowledgeModel } from './knowledge-models.ts';
import { findModel, listModels } from './list-models.ts';
import { createResponse } from './responses.ts';

/** The platform as clients of OpenAI's API see it: under the same limits, policies and records as everything else. */
export interface OpenAi {
  models(principal: Principal): Promise<OpenAiModels>;
  /** @throws AppError `not_found` */
  model(principal: Principal, name: string): Promise<OpenAiModel>;
  /** @throws AppError of the choice, the limits or the model before its first token; so do the others. */
  chat(principal: Principal, request: ChatCompletionRequest, context: CallContext): Promise<OpenAiAnswer>;
  responses(principal: Principal, request: ResponsesRequest, context: CallContext): Promise<OpenAiAnswer>;
  embeddings(principal: Principal, request: EmbeddingsRequest): Promise<OpenAiAnswer>;
}

export function createOpenAi(options: KnowledgeCompletionOptions): OpenAi {
  return {
    models: (principal) => listModels(options, principal),
    model: (principal, name) => findModel(options, principal, name),
    chat: (principal, request, context) =>
      isKnowledgeModel(request.model)
        ? completeFromKnowledge(options, principal, request, context)
        : completeChat(options, principal, request),
    responses: (principal, request, context) => createResponse(options, principal, request, context),
    embeddings: (principal, request) => embedInputs(options, principal, request),
  };
}
