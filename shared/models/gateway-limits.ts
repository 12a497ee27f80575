import type { AttemptTimeouts } from './model-transport.ts';

/** The one budget of a request, whatever it is spent on. All in milliseconds, `attempts` apart. */
export interface GatewayLimits extends AttemptTimeouts {
  /** All of them before the first token. */
  readonly attempts: number;
  /** No attempt starts later than this after the request. */
  readonly deadline: number;
  /** The wait before a deployment is asked again, doubling with each attempt. */
  readonly firstDelay: number;
  /** The longest wait for a deployment that is to be left alone for a while. */
  readonly longestDelay: number;
  /**
   * Whether a request also waits that long before its first attempt, and for a minute in which a deployment has room for
   * it; else it is refused at once, and room is only what a deployment is preferred for.
   */
  readonly waitsForTurn: boolean;
}

/** Somebody waits for the answer. */
export const CHAT_LIMITS: GatewayLimits = {
  attempts: 3,
  firstToken: 30_000,
  stall: 30_000,
  total: 300_000,
  deadline: 30_000,
  firstDelay: 500,
  longestDelay: 5_000,
  waitsForTurn: false,
};

/** A question that is embedded before it can be answered. */
export const QUESTION_LIMITS: GatewayLimits = {
  ...CHAT_LIMITS,
  firstToken: 10_000,
  stall: 10_000,
  total: 15_000,
  deadline: 10_000,
  firstDelay: 250,
};

/**
 * Nobody waits: a throttled embedding only slows the ingestion. It waits for little here, as it holds a worker meanwhile;
 * who asked puts it off for longer.
 */
export const BACKGROUND_LIMITS: GatewayLimits = {
  attempts: 5,
  firstToken: 60_000,
  stall: 60_000,
  total: 300_000,
  deadline: 90_000,
  firstDelay: 500,
  longestDelay: 5_000,
  waitsForTurn: true,
};
