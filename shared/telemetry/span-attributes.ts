/** The operations that OpenTelemetry's conventions for generative AI name. */
export type GenAiOperation = 'chat' | 'embeddings' | 'execute_tool' | 'invoke_agent' | 'retrieval';

/**
 * Everything that a span may say. Names without the prefix `platform.` are those of OpenTelemetry's semantic conventions
 * (GenAI, HTTP, messaging; https://opentelemetry.io/docs/specs/semconv/) or Langfuse's. Ids, numbers and names that are
 * configured or declared; the text of messages comes from `messageText` only.
 */
export interface SpanAttributes {
  readonly 'gen_ai.operation.name'?: GenAiOperation;
  /** `azure.ai.openai` or `openai`. */
  readonly 'gen_ai.provider.name'?: string;
  readonly 'gen_ai.request.model'?: string;
  readonly 'gen_ai.request.max_tokens'?: number;
  readonly 'gen_ai.request.stream'?: boolean;
  readonly 'gen_ai.response.model'?: string;
  readonly 'gen_ai.response.id'?: string;
  readonly 'gen_ai.response.finish_reasons'?: readonly string[];
  readonly 'gen_ai.response.time_to_first_chunk'?: number;
  readonly 'gen_ai.usage.input_tokens'?: number;
  readonly 'gen_ai.usage.output_tokens'?: number;
  readonly 'gen_ai.usage.cache_read.input_tokens'?: number;
  readonly 'gen_ai.embeddings.dimension.count'?: number;
  /** The session. */
  readonly 'gen_ai.conversation.id'?: string;
  readonly 'gen_ai.agent.name'?: string;
  readonly 'gen_ai.data_source.id'?: string;
  readonly 'gen_ai.tool.name'?: string;
  readonly 'gen_ai.tool.type'?: 'function' | 'extension' | 'datastore';
  readonly 'gen_ai.tool.call.id'?: string;
  readonly 'gen_ai.input.messages'?: string;
  readonly 'gen_ai.output.messages'?: string;

  readonly 'server.address'?: string;
  readonly 'error.type'?: string;
  readonly 'user.id'?: string;
  readonly 'session.id'?: string;

  readonly 'http.request.method'?: string;
  readonly 'http.route'?: string;
  readonly 'http.response.status_code'?: number;

  readonly 'messaging.system'?: 'azure_storage_queue';
  readonly 'messaging.destination.name'?: string;
  readonly 'messaging.operation.type'?: 'send' | 'process';
  readonly 'messaging.message.id'?: string;
  readonly 'messaging.message.body.size'?: number;

  readonly 'faas.name'?: string;
  readonly 'faas.invocation_id'?: string;
  readonly 'faas.trigger'?: 'http' | 'pubsub' | 'datasource' | 'timer';
  readonly 'faas.coldstart'?: boolean;

  readonly 'langfuse.trace.name'?: string;
  /** Of the prompt, by which Langfuse compares. */
  readonly 'langfuse.version'?: string;

  readonly 'platform.tenant.id'?: string;
  readonly 'platform.run.id'?: string;
  readonly 'platform.knowledge_base.id'?: string;
  readonly 'platform.document.id'?: string;
  readonly 'platform.document.version'?: number;
  readonly 'platform.document.batch'?: number;
  readonly 'platform.attempt'?: number;
  readonly 'platform.deployment'?: string;
  readonly 'platform.region'?: string;
  readonly 'platform.route.reason'?: string;
  readonly 'platform.route.attempts'?: number;
  readonly 'platform.cache'?: 'hit' | 'miss' | 'bypass';
  readonly 'platform.citations'?: number;
  readonly 'platform.prompt.version'?: string;
  readonly 'platform.knowledge_bases'?: number;
  readonly 'platform.passages'?: number;
  readonly 'platform.chunks'?: number;
  readonly 'platform.texts'?: number;
  readonly 'platform.tokens.reserved'?: number;
  readonly 'platform.cost.micro_usd'?: number;
  readonly 'platform.tool.outcome'?: string;
}
