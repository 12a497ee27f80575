import type { ChatTurn, RunDecision } from '../contracts/chat.ts';
import type { CacheStatus } from '../contracts/citations.ts';
import type { RunId, SessionId } from '../contracts/identifiers.ts';
import type { ModelRoute } from '../contracts/models.ts';
import type { ToolDecision } from '../contracts/runs.ts';
import type { Principal } from '../identity/principal.ts';
import type { Estimate, RateLimitStatus, Reservation, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { Logger } from '../telemetry/logger.ts';
import { offersTools } from '../tools/tool-permissions.ts';
import { AgentRuntime } from './agent-runtime.ts';
import { answerTurn } from './answer.ts';
import { chooseTurnModel } from './choose-turn-model.ts';
import { estimateInput, estimateTurn } from './estimate-turn.ts';
import { prepareTurn } from './prepare-turn.ts';
import type { PreparedTurn, TurnOptions } from './prepared-turn.ts';
import { findDecidedRun, resumeTurn } from './resume-turn.ts';
import { type Run, startRun } from './run.ts';
import { estimateConversation } from './shorten-conversation.ts';
import { createTurnUsage, type TurnUsage } from './turn-usage.ts';

export interface StartedTurn extends Run {
  readonly sessionId: SessionId;
  readonly runId: RunId;
  /** What is left of the limits per minute. */
  readonly rateLimit: RateLimitStatus;
  /** Why which model answers; null: none has been asked yet. */
  readonly route: ModelRoute | null;
  readonly cache: CacheStatus;
}

export interface Chat {
  /**
   * Starts to answer and resolves with the first word or call of a tool, so that a failure before it is still a plain error.
   * @throws AppError of the limits, the stores, the search or the model; `forbidden` for a model that the policy leaves out.
   */
  start(principal: Principal, turn: ChatTurn): Promise<StartedTurn>;
  /**
   * Goes on with a run that waits for approval, and resolves as soon as it does.
   * @throws AppError `not_found`, `conflict` or `unprocessable` when it cannot be gone on with so; those of the limits.
   */
  resume(principal: Principal, runId: RunId, decisions: readonly ToolDecision[]): Promise<StartedTurn>;
  /** Either, as a client of the AI SDK asks for both at one place. */
  answer(principal: Principal, request: ChatTurn | RunDecision): Promise<StartedTurn>;
}

export interface ChatOptions extends TurnOptions {
  readonly limiter: TokenRateLimiter;
  readonly logger: Logger;
}

export function createChat(options: ChatOptions): Chat {
  const { limiter, logger, gateway, prices, now } = options;
  const answering = { ...options, runtime: new AgentRuntime(options) };

  function reserve(principal: Principal, estimate: Estimate): TurnUsage {
    const reserved = limiter.reserve(principal, estimate);
    return createTurnUsage({ ...options, principal, reserved });
  }

  /** What was spent counts, also when nothing comes of it. */
  async function settledOnFailure<T>(usage: TurnUsage, preparing: Promise<T>): Promise<T> {
    try {
      return await preparing;
    } catch (error) {
      await usage.send();
      throw error;
    }
  }

  function begin(turn: PreparedTurn, after: number): Run {
    const abort = new AbortController();
    const run = startRun({
      chunksOf: (progress) => answerTurn(answering, turn, progress, abort.signal),
      after,
      log: turn.log,
      abort,
      logger,
    });
    run.answer.catch(() => undefined);
    return run;
  }

  const startedTurn = (
    run: Run,
    { sessionId, runId, state, cache }: PreparedTurn,
    rateLimit: Reservation,
  ): StartedTurn => ({
    ...run,
    sessionId,
    runId,
    rateLimit,
    route: state.route,
    cache: cache.status,
  });

  const chat: Chat = {
    async start(principal, turn) {
      const inputTokens = estimateInput(principal, turn);
      // Which tools there are is not known yet, only whether any may be called.
      const hasTools = offersTools(principal.tenantChain[0].policy, turn.tools);
      const { model } = chooseTurnModel(gateway, principal, { asked: turn.model, inputTokens, hasTools });
      const usage = reserve(principal, estimateTurn(options, model, inputTokens, turn));
      const prepared = await settledOnFailure(usage, prepareTurn(options, principal, turn, usage));
      const run = begin(prepared, 0);
      await run.started;
      return startedTurn(run, prepared, await usage.reserved);
    },
    async resume(principal, runId, decisions) {
      const decided = await findDecidedRun(options, principal, runId, decisions);
      const { messages, choice } = decided.state;
      const { name, maxOutputTokens } = choice.model;
      const tokens = {
        inputTokens: estimateConversation(messages),
        cachedInputTokens: 0,
        outputTokens: maxOutputTokens,
      };
      const estimate = { ...prices.amountsOf(name, tokens, now().toISOString()), knowledgeBaseIds: [] };
      const usage = reserve(principal, estimate);
      const { turn, lastId } = await settledOnFailure(usage, resumeTurn(options, principal, decided, usage));
      return startedTurn(begin(turn, lastId), turn, await usage.reserved);
    },
    answer: (principal, request) =>
      'decisions' in request
        ? chat.resume(principal, request.runId, request.decisions)
        : chat.start(principal, request),
  };
  return chat;
}
