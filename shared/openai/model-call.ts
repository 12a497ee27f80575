import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf } from '../audit/sign-ins.ts';
import { createTurnUsage, type TurnUsage } from '../chat/turn-usage.ts';
import type { CacheStatus } from '../contracts/citations.ts';
import type { ModelRoute } from '../contracts/models.ts';
import type { AppError } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Estimate, Reservation, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { ModelOutcome } from '../models/model-gateway.ts';
import { NO_TOKENS } from '../models/model-usage.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { UsageMeter } from '../usage/usage-meter.ts';

export interface ModelCallOptions {
  readonly limiter: TokenRateLimiter;
  readonly meter: UsageMeter;
  readonly prices: PriceBook;
  readonly audit: AuditLog;
  readonly log: Logger;
  readonly now: () => Date;
}

export interface CallFacts {
  readonly operation: 'chat' | 'responses' | 'embeddings';
  /** What was asked: a model, or a knowledge base by its id. */
  readonly subject: string;
  readonly stream: boolean;
}

/** How a call ended. */
export interface CallEnding extends Pick<ModelOutcome, 'usage' | 'finishReason' | 'failure'> {
  /** Left out: the cache has no part in such calls. */
  readonly cache?: CacheStatus;
}

/** One call that the limits have let in. However it ends, `close` or `fail` is called once. */
export interface ModelCall {
  readonly rateLimit: Reservation;
  readonly usage: TurnUsage;
  /** Lets `close` wait for work that nobody waits for otherwise. */
  during(work: Promise<unknown>): void;
  /** Puts the call on record, meters and settles what `usage` was told. Never fails. */
  close(route: ModelRoute | null, ending: CallEnding): Promise<void>;
  /** The same for a call that got no answer. Never fails. */
  fail(error: AppError): Promise<void>;
}

/** What a call takes, from when it is set aside until it is settled. */
export const newCallUsage = (
  options: ModelCallOptions,
  principal: Principal,
  reserved: Promise<Reservation>,
): TurnUsage => createTurnUsage({ ...options, principal, reserved });

/** Sets aside what a call may take. @throws AppError as `TokenRateLimiter.reserve`. */
export function openCall(
  options: ModelCallOptions,
  principal: Principal,
  facts: CallFacts,
  estimate: Estimate,
): Promise<ModelCall> {
  const usage = newCallUsage(options, principal, options.limiter.reserve(principal, estimate));
  return admittedCall(options, principal, facts, usage);
}

/**
 * The same for what was set aside before all was known of the call. One that is refused is not on record, as in the
 * platform's chat: it asked for nothing that was denied to it.
 */
export async function admittedCall(
  options: ModelCallOptions,
  principal: Principal,
  facts: CallFacts,
  usage: TurnUsage,
): Promise<ModelCall> {
  const rateLimit = await usage.reserved;
  const beside: Promise<unknown>[] = [];

  async function close(route: ModelRoute | null, ending: CallEnding): Promise<void> {
    await Promise.all([recordCall(options, principal, facts, route, ending), usage.send(), ...beside]);
  }

  return {
    rateLimit,
    usage,
    close,
    during: (work) =>
      void beside.push(work.catch((error: unknown) => options.log.error('work beside a call failed', { error }))),
    fail: (failure) => close(null, { ...NO_ANSWER, failure }),
  };
}

const NO_ANSWER = { usage: NO_TOKENS, finishReason: null };

/** Who called which model where, how it ended and what it took; never what was said. */
async function recordCall(
  { audit, log }: ModelCallOptions,
  principal: Principal,
  { operation, subject, stream }: CallFacts,
  route: ModelRoute | null,
  { usage, finishReason, failure, cache }: CallEnding,
): Promise<void> {
  const place = route && { model: route.model, deployment: route.deployment, region: route.region };
  const entry = {
    tenantId: principal.tenantId,
    action: 'model.called',
    outcome: failure ? ('failed' as const) : ('allowed' as const),
    actor: actorOf(principal),
    subject,
    details: {
      operation,
      stream,
      ...place,
      ...(route && { attempts: route.attempts }),
      ...(finishReason && { finishReason }),
      ...(cache && { cache }),
      ...(failure && { code: failure.code }),
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
    },
  };
  await audit.record(entry).catch((error: unknown) => log.error('a call is not on record', { error, ...entry }));
}
