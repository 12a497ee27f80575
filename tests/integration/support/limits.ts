import { randomUUID } from 'node:crypto';
import { createCounterStore } from '../../../shared/adapters/cosmos/counter-store.ts';
import type { Policy } from '../../../shared/contracts/policy.ts';
import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/identifiers.ts';
import type { TenantLink } from '../../../shared/identity/principal.ts';
import type { BudgetWarning } from '../../../shared/limits/budget-warnings.ts';
import type { CounterStore } from '../../../shared/limits/counter-store.ts';
import {
  createTokenRateLimiter,
  type TokenRateLimiterOptions,
} from '../../../shared/limits/create-token-rate-limiter.ts';
import type { Spender, TokenRateLimiter } from '../../../shared/limits/token-rate-limiter.ts';
import { cosmos } from './platform.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** A busy machine must not look like a store that is down. */
const PATIENT = 20 * SECOND;

export const counters = createCounterStore(cosmos);
export const anySignal = () => AbortSignal.timeout(10 * SECOND);

/** A limiter whose time stands still until a test moves it, with all that it said. */
export interface LimiterUnderTest extends TokenRateLimiter {
  readonly warnings: BudgetWarning[];
  readonly logged: string[];
  advance(milliseconds: number): void;
  moveTo(time: string): void;
}

export function limiterAt(time: string, options: Partial<TokenRateLimiterOptions> = {}): LimiterUnderTest {
  let now = Date.parse(time);
  const warnings: BudgetWarning[] = [];
  const logged: string[] = [];
  const log = (event: string) => void logged.push(event);
  const limiter = createTokenRateLimiter({
    store: counters,
    timeout: PATIENT,
    log: { debug: log, info: log, warn: log, error: log },
    now: () => new Date(now),
    onBudgetWarning: (warning) => void warnings.push(warning),
    ...options,
  });
  return {
    ...limiter,
    warnings,
    logged,
    advance(milliseconds) {
      now += milliseconds;
    },
    moveTo(moment) {
      now = Date.parse(moment);
    },
  };
}

/** Somebody new in a tenant that nobody else uses; the policies are those of the tenant and of the tenants above it. */
export function spenderWith(policy: Policy, ...above: Policy[]): Spender {
  const link = (allowed: Policy): TenantLink => ({ id: newId('ten'), policy: allowed });
  return { userId: randomUUID(), tenantChain: [link(policy), ...above.map(link)] };
}

export function tokens(amount: number, ...knowledgeBaseIds: string[]) {
  return { tokens: amount, microUsd: 0, knowledgeBaseIds };
}

/** The error with which a promise ends; fails when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => new Error('It was not refused.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw error;
  return error;
}

/** The numbers of the spender's own tenant. */
export async function countersOf({ tenantChain }: Spender) {
  const state = await counters.read(`tenant:${tenantChain[0].id}`, anySignal());
  if (!state) throw new Error('It has no counters.');
  return state;
}

/** Says which calls a store gets. */
export function counting(store: CounterStore): { readonly store: CounterStore; readonly calls: string[] } {
  const calls: string[] = [];
  const counted: CounterStore = {
    add: (...call) => store.add(...noted('add', call)),
    create: (...call) => store.create(...noted('create', call)),
    read: (...call) => store.read(...noted('read', call)),
    remove: (...call) => store.remove(...noted('remove', call)),
  };
  function noted<T>(name: string, call: T): T {
    calls.push(name);
    return call;
  }
  return { store: counted, calls };
}
