import type { CatalogModel, ChatCatalogModel, ModelAbility, ModelRoute } from '../contracts/models.ts';
import type { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { ModelFinishReason, ModelUsage } from './model-usage.ts';

/** Whose policy decides on models and regions. */
export type ModelUser = Pick<Principal, 'tenantChain'>;

/** What a caller wants of a chat model, as far as it is known before the prompt is built. */
export interface ModelWish {
  /** A name, `auto`, or undefined for the default of the tenant and then of the platform. */
  readonly model: string | undefined;
  /** About how many tokens the prompt will have. */
  readonly inputTokens: number;
  readonly needs: readonly ModelAbility[];
  /** What `auto` goes by besides; left out, it is taken for simple. */
  readonly difficulty?: 'simple' | 'hard' | undefined;
}

/** A model that may be used, and why it was chosen. */
export interface ModelChoice {
  readonly model: ChatCatalogModel;
  /** For the trace and the caller: `asked`, `tenant-default`, `platform-default`, `auto:short`, `auto:long-context`, … */
  readonly reason: string;
}

export interface GatewayRequest {
  readonly operation: 'chat' | 'embeddings';
  /** Why this model: part of the route that is told. */
  readonly reason: string;
  readonly model: CatalogModel;
  /**
   * Set for the model that indexes, which the operator chooses for everybody: the policy's list of models is about those that
   * people choose, and does not count. Its regions do.
   */
  readonly isOperatorsChoice?: boolean;
  /**
   * A body of OpenAI's API without `model`, `stream`, `stream_options` and the limit on tokens, which are set for the
   * deployment that is asked.
   */
  readonly body: Readonly<Record<string, unknown>>;
  readonly maxOutputTokens?: number;
  readonly stream: boolean;
  /** What shares the beginning of its prompts, such as a session. */
  readonly affinity?: string | undefined;
  /** Whether somebody waits: `interactive` (left out) or `background`, which rather waits than fails. */
  readonly patience?: 'interactive' | 'background';
}

/** How an answer ended. */
export interface ModelOutcome {
  /** Estimated by length where the service did not count, as for an answer that broke off. */
  readonly usage: ModelUsage;
  /** null: it broke off. */
  readonly finishReason: ModelFinishReason | null;
  readonly failure: AppError | null;
}

/** An answer that has begun: of a stream the first token is there, so that no other deployment will answer any more. */
export interface GatewayAnswer {
  readonly route: ModelRoute;
  readonly contentType: string;
  /**
   * The bytes as the service sends them, JSON or server-sent events. The last frames hold the usage, whoever wants to
   * pass them on. Read it to its end or end it (`return()`), else its connection stays open until the timeouts.
   * @throws AppError when the service fails or falls silent in the middle.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Resolves when `body` has ended, whatever way; never rejects. */
  readonly outcome: Promise<ModelOutcome>;
}

/** Stands between the platform and its models: which may be used, which one is asked, and where. */
export interface ModelGateway {
  /** What a policy allows: listed models with a deployment in an allowed zone or region. */
  models(user: ModelUser): readonly CatalogModel[];
  /** Names the default chat model of a policy. */
  defaultModel(user: ModelUser): string;
  /**
   * Chooses a chat model. @throws AppError `forbidden` for one that the policy leaves out, `not_found` for one that the
   * platform lacks, `unprocessable` when none has the abilities.
   */
  choose(user: ModelUser, wish: ModelWish): ModelChoice;
  /** The smallest allowed model with a larger window than `model`; null when there is none. */
  larger(user: ModelUser, model: ChatCatalogModel): ChatCatalogModel | null;
  /**
   * Sends a request to the best deployment, and to another one when it fails before its first token.
   * @throws AppError as `ChatModel.stream`.
   */
  send(user: ModelUser, request: GatewayRequest, signal: AbortSignal): Promise<GatewayAnswer>;
}
