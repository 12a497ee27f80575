import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { type AppError, isAppError } from '../../errors.ts';
import { AttemptError } from '../../models/attempt-error.ts';
import type { GatewayRequest, ModelOutcome } from '../../models/model-gateway.ts';
import type { AttemptTimeouts, BegunAnswer, DeploymentTarget } from '../../models/model-transport.ts';
import { createAnswerBytes } from './answer-bytes.ts';
import type { AnswerReader, Ending } from './answer-reader.ts';
import { watchAnswer } from './answer-watch.ts';
import { estimateUsage } from './estimate-usage.ts';
import { brokenOff, lostConnection } from './model-failure.ts';
import { createRefusalReader } from './refusal-reader.ts';
import { createStreamReader } from './stream-reader.ts';
import { createWholeReader } from './whole-reader.ts';

export interface ModelAttempt {
  /** What `undici` tells of the answer. */
  readonly handler: Dispatcher.DispatchHandler;
  /** Resolves with the first token. */
  readonly begun: Promise<BegunAnswer>;
}

/** One request to one deployment, from its first byte to its last. */
export function createModelAttempt(
  target: DeploymentTarget,
  request: GatewayRequest,
  timeouts: AttemptTimeouts,
  signal: AbortSignal,
): ModelAttempt {
  let reader: AnswerReader | undefined;
  const life = createAttemptLife(timeouts, signal, () => reader?.usageSoFar() ?? estimateUsage(request, 0));
  let contentType = '';

  function end(): void {
    if (life.isOver || !reader) return;
    try {
      const ending = reader.end();
      life.heard(contentType);
      life.complete(ending);
    } catch (error) {
      life.fail(error);
    }
  }

  return {
    begun: life.begun,
    handler: {
      onRequestStart: life.start,
      onResponseStart(_, status, headers: IncomingHttpHeaders) {
        contentType = headers['content-type'] ?? 'application/octet-stream';
        if (status < 200 || status > 299) reader = createRefusalReader(target, request, { status, headers });
        else reader = request.stream ? createStreamReader(request, life.bytes) : createWholeReader(request, life.bytes);
      },
      onResponseData(_, chunk) {
        if (life.isOver) return;
        try {
          reader?.read(chunk);
          if (reader?.hasBegun) life.heard(contentType);
          if (reader?.isDone) end();
        } catch (error) {
          life.fail(error);
        }
      },
      onResponseEnd: end,
      onResponseError(_, cause) {
        life.fail(reader ? new AttemptError('unavailable', brokenOff(cause)) : lostConnection(target, cause));
      },
    },
  };
}

/** Sees to it that an attempt begins at most once and ends exactly once: whole, failed, silent, given up, or unread. */
function createAttemptLife(timeouts: AttemptTimeouts, signal: AbortSignal, usageSoFar: () => Ending['usage']) {
  const begun = Promise.withResolvers<BegunAnswer>();
  // Whoever called may have failed before it waits for this.
  begun.promise.catch(() => undefined);
  const outcome = Promise.withResolvers<ModelOutcome>();
  let controller: Dispatcher.DispatchController | undefined;
  let hasBegun = false;
  let isOver = false;

  const fail = (failure: unknown) => finish(failure, null);
  const giveUp = () => fail(signal.reason);
  const watch = watchAnswer(timeouts, (error) => fail(new AttemptError('timeout', error)));
  signal.addEventListener('abort', giveUp, { once: true });
  const bytes = createAnswerBytes({
    pause() {
      watch.pause();
      controller?.pause();
    },
    resume() {
      controller?.resume();
      if (!isOver) watch.heard();
    },
    cancel: () => fail(null),
  });

  function finish(failure: unknown, ending: Ending | null): void {
    if (isOver) return;
    isOver = true;
    watch.stop();
    signal.removeEventListener('abort', giveUp);
    const error = failure instanceof AttemptError ? failure.error : failure;
    if (!hasBegun) begun.reject(failure);
    bytes.end((error ?? null) as Error | null);
    const { finishReason, usage } = ending ?? { finishReason: null, usage: usageSoFar() };
    outcome.resolve({ finishReason, usage, failure: isAppError(error) ? (error as AppError) : null });
    if (!ending) controller?.abort(new Error('Nobody wants the answer any more.'));
  }

  return {
    bytes,
    begun: begun.promise,
    get isOver() {
      return isOver;
    },
    start(started: Dispatcher.DispatchController) {
      controller = started;
      if (isOver) started.abort(new Error('Nobody wants the answer any more.'));
    },
    heard(contentType: string) {
      if (!bytes.isPaused) watch.heard();
      if (hasBegun) return;
      hasBegun = true;
      begun.resolve({ contentType, body: bytes, outcome: outcome.promise });
    },
    fail,
    complete: (ending: Ending) => finish(null, ending),
  };
}
