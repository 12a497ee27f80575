import type { ChatTurn } from '../contracts/chat.ts';
import type { RunId, SessionId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import { answerTurn } from './answer.ts';
import { type Run, startRun } from './run.ts';
import { prepareTurn, type TurnOptions } from './turn.ts';
import { createTurnUsage } from './turn-usage.ts';

export interface StartedTurn extends Run {
  readonly sessionId: SessionId;
  readonly runId: RunId;
}

export interface Chat {
  /**
   * Starts to answer and resolves with the first word, so that a failure before it is still a plain error.
   * @throws AppError of the stores, the search or the model.
   */
  start(principal: Principal, turn: ChatTurn): Promise<StartedTurn>;
}

export function createChat(options: TurnOptions & { readonly logger: Logger }): Chat {
  return {
    async start(principal, turn) {
      const usage = createTurnUsage(options.meter, principal);
      const prepared = await prepareTurn(options, principal, turn, usage).catch(async (error: unknown) => {
        await usage.send();
        throw error;
      });
      const abort = new AbortController();
      const chunks = answerTurn(options, prepared, abort.signal);
      const run = startRun({ chunks, log: prepared.log, abort, logger: options.logger });
      run.answer.catch(() => undefined);
      await run.started;
      return { ...run, sessionId: prepared.sessionId, runId: prepared.runId };
    },
  };
}
