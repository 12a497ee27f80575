import { setTimeout as sleep } from 'node:timers/promises';
import { backoff } from '../backoff.ts';
import { AppError } from '../errors.ts';
import { metrics } from '../telemetry/metrics.ts';
import { AttemptError } from './attempt-error.ts';
import type { Candidate } from './deployment-pool.ts';
import type { GatewayLimits } from './gateway-limits.ts';
import type { GatewayAnswer, GatewayRequest } from './model-gateway.ts';
import type { DeploymentTarget, ModelTransport } from './model-transport.ts';
import { pickDeployment } from './pick-deployment.ts';

const CHARACTERS_PER_TOKEN = 4;

export interface FailoverOptions {
  readonly transport: ModelTransport;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Hears of a deployment that is throttled until a time. */
  readonly onThrottled: (target: DeploymentTarget, until: number) => void;
}

/** One request on its way through the deployments that may answer it. */
interface Journey {
  readonly request: GatewayRequest;
  readonly candidates: readonly Candidate[];
  readonly limits: GatewayLimits;
  readonly signal: AbortSignal;
  readonly startedAt: number;
  readonly tokens: number;
  /** Those that failed, and how often. */
  readonly tried: Map<Candidate, number>;
  /** Those that are not asked again: they were silent, or refuse our credentials. */
  readonly given: Set<Candidate>;
  attempts: number;
  failure: AttemptError | null;
}

/**
 * Sends a request to the best deployment and, when that fails before its first token, to others, all within one budget of
 * attempts and time. A deployment is asked again only when no other is left, after a wait.
 * @throws AppError of the last failure; the signal's reason when that aborts.
 */
export async function sendWithFailover(
  options: FailoverOptions,
  request: GatewayRequest,
  candidates: readonly Candidate[],
  limits: GatewayLimits,
  signal: AbortSignal,
): Promise<GatewayAnswer> {
  const journey: Journey = {
    ...{ request, candidates, limits, signal, startedAt: options.now(), tokens: estimate(request, candidates) },
    ...{ tried: new Map(), given: new Set(), attempts: 0, failure: null },
  };
  for (;;) {
    signal.throwIfAborted();
    const candidate = pick(options, journey) ?? (await waitForOne(options, journey));
    journey.attempts += 1;
    try {
      return await attempt(options, journey, candidate);
    } catch (error) {
      learn(options, journey, candidate, error);
    }
    if (isSpent(options, journey)) throw refusal(options, journey);
    countFailover(journey, candidate);
  }
}

function countFailover({ request, failure }: Journey, { target }: Candidate): void {
  const labels = { 'gen_ai.request.model': request.model.name, from: target.key };
  metrics.failovers.add(1, { ...labels, outcome: failure?.kind ?? 'internal' });
}

/** Takes note of a failed attempt. @throws what no other deployment would answer otherwise. */
function learn({ onThrottled }: FailoverOptions, journey: Journey, candidate: Candidate, error: unknown): void {
  if (!(error instanceof AttemptError)) throw error;
  journey.failure = error;
  if (error.kind === 'refused') throw error.error;
  journey.tried.set(candidate, (journey.tried.get(candidate) ?? 0) + 1);
  if (error.kind === 'timeout' || error.kind === 'misconfigured') journey.given.add(candidate);
  const until = candidate.state.blockedUntil();
  if (error.kind === 'throttled' && until > 0) onThrottled(candidate.target, until);
}

/** Only a deployment with a limit of tokens needs to know. */
function estimate({ body, maxOutputTokens }: GatewayRequest, candidates: readonly Candidate[]): number {
  if (candidates.every(({ target }) => target.deployment.tokensPerMinute === undefined)) return 0;
  return Math.ceil(JSON.stringify(body).length / CHARACTERS_PER_TOKEN) + (maxOutputTokens ?? 0);
}

/** The best deployment that may be asked now and has not failed yet. */
function pick({ random }: FailoverOptions, journey: Journey): Candidate | null {
  const { request, candidates, tried, tokens } = journey;
  const fresh = candidates.filter((candidate) => !tried.has(candidate) && closedUntil(journey, candidate) === 0);
  return pickDeployment(fresh, { affinity: request.affinity, tokens, random });
}

/** Waits until one may be asked, at first or again. @throws AppError when that takes too long. */
async function waitForOne(options: FailoverOptions, journey: Journey): Promise<Candidate> {
  const { limits, attempts, signal } = journey;
  const longest = attempts > 0 || limits.waitsForTurn ? limits.longestDelay : 0;
  let pause = attempts > 0 ? backoff(attempts, limits.firstDelay, limits.longestDelay) : 0;
  for (;;) {
    const [next] = waitsFor(journey, options.now(), pause);
    const left = limits.deadline - (options.now() - journey.startedAt);
    if (!next || next.wait > Math.min(longest, left)) throw refusal(options, journey);
    if (next.wait > 0) await sleep(next.wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    // While this request slept, others may have found out that the deployment is to be left alone.
    if (closedUntil(journey, next.candidate) === 0) return next.candidate;
    pause = 0;
  }
}

/** How long each deployment has to be waited for in milliseconds, the shortest first and of equals the less tried. */
function waitsFor(journey: Journey, now: number, pause: number) {
  const { candidates, given, tried } = journey;
  const triedAt = (candidate: Candidate) => tried.get(candidate) ?? 0;
  return candidates
    .filter((candidate) => !given.has(candidate))
    .map((candidate) => {
      const blocked = Math.max(0, closedUntil(journey, candidate) - now);
      return { candidate, wait: Math.max(blocked, tried.has(candidate) && !wasThrottled(candidate) ? pause : 0) };
    })
    .sort((one, other) => one.wait - other.wait || triedAt(one.candidate) - triedAt(other.candidate));
}

/** Until when a deployment is not to be asked; one that is full only matters to a request that may wait. */
function closedUntil({ limits, tokens }: Journey, { state }: Candidate): number {
  return Math.max(state.blockedUntil(), limits.waitsForTurn ? state.fullUntil(tokens) : 0);
}

/** A throttled deployment has said how long to wait. */
const wasThrottled = ({ state }: Candidate) => state.lastFailure?.kind === 'throttled';

function isSpent({ now }: FailoverOptions, { attempts, limits, startedAt }: Journey): boolean {
  return attempts >= limits.attempts || now() - startedAt >= limits.deadline;
}

async function attempt(options: FailoverOptions, journey: Journey, candidate: Candidate): Promise<GatewayAnswer> {
  const { request, limits, signal, tokens, attempts } = journey;
  const { target, state } = candidate;
  const spent = options.now() - journey.startedAt;
  const timeouts = { ...limits, total: Math.max(1, limits.total - spent) };
  const end = state.begin(tokens);
  try {
    const begun = await state.attempt(() => options.transport.begin(target, request, timeouts, signal));
    void begun.outcome.then(({ usage, failure }) => {
      end(usage.inputTokens + usage.outputTokens);
      if (failure && !signal.aborted) state.brokeOff(new AttemptError('unavailable', failure));
    });
    const { endpoint, model } = target;
    const route = { model: model.name, deployment: target.key, region: endpoint.region };
    return { ...begun, route: { ...route, reason: request.reason, attempts } };
  } catch (error) {
    end(0);
    throw error;
  }
}

/** What to tell when nobody answers: why the last one failed, and when it makes sense to come back. */
function refusal({ now }: FailoverOptions, journey: Journey): AppError {
  const { candidates, failure } = journey;
  const known = failure ?? candidates.map(({ state }) => state.lastFailure).find((last) => last !== null);
  const waits = candidates.map((candidate) => closedUntil(journey, candidate) - now());
  const shortest = Math.min(...waits);
  const retryAfterSeconds = shortest > 0 ? Math.ceil(shortest / 1000) : undefined;
  if (failure && retryAfterSeconds === undefined) return failure.error;
  const isFull = retryAfterSeconds !== undefined && candidates.some(({ state }) => state.blockedUntil() === 0);
  if (!failure && isFull) {
    const message = 'The deployments of this model have done what they may in this minute. Try again shortly.';
    return new AppError('too_many_requests', message, { retryAfterSeconds });
  }
  const { code, message, details } = known?.error ?? {
    code: 'dependency_unavailable' as const,
    message: 'No deployment of this model can answer now. Try again shortly.',
    details: undefined,
  };
  const isThrottled = code === 'too_many_requests';
  const told = failure || isThrottled ? code : ('dependency_unavailable' as const);
  return new AppError(told, message, {
    cause: known?.error,
    ...(details && { details }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
