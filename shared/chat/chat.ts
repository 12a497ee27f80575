import type { ChatTurn } from '../contracts/chat.ts';
import type { RunId, SessionId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { RateLimitStatus, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { Logger } from '../telemetry/logger.ts';
import { answerTurn } from './answer.ts';
import { estimateTurn } from './estimate-turn.ts';
import { type Run, startRun } from './run.ts';
import { prepareTurn, type TurnOptions } from './turn.ts';
import { createTurnUsage } from './turn-usage.ts';

export interface StartedTurn extends Run {
  readonly sessionId: SessionId;
  readonly runId: RunId;
  /** What is left of the limits per minute. */
  readonly rateLimit: RateLimitStatus;
}

export interface Chat {
  /**
   * Starts to answer and resolves with the first word, so that a failure before it is still a plain error.
   * @throws AppError of the limits, the stores, the search or the model; `forbidden` for a model that the policy leaves out.
   */
  start(principal: Principal, turn: ChatTurn): Promise<StartedTurn>;
}

export interface ChatOptions extends TurnOptions {
  readonly gateway: Pick<ModelGateway, 'choose'>;
  readonly limiter: TokenRateLimiter;
  readonly logger: Logger;
}

export function createChat(options: ChatOptions): Chat {
  const { gateway, limiter, meter, prices, logger, now } = options;
  return {
    async start(principal, turn) {
      const choice = gateway.choose(principal, {
        model: turn.model,
        inputTokens: estimateTokens(turn.message),
        needs: [],
      });
      const reserved = limiter.reserve(principal, estimateTurn(options, choice.model, principal, turn));
      const usage = createTurnUsage({ meter, prices, principal, reserved, now });
      const prepared = await prepareTurn(options, principal, turn, { choice, usage }).catch(async (error: unknown) => {
        await usage.send();
        throw error;
      });
      const abort = new AbortController();
      const chunks = answerTurn(options, prepared, abort.signal);
      const run = startRun({ chunks, log: prepared.log, abort, logger });
      run.answer.catch(() => undefined);
      await run.started;
      return { ...run, sessionId: prepared.sessionId, runId: prepared.runId, rateLimit: await reserved };
    },
  };
}
