import { z } from 'zod';
import type { Deployment } from './deployments.ts';

const MAX_PLANNED = 1000;
const MAX_TIMES = 10_000;
const MAX_DELAY_MS = 600_000;

const failureKind = z.enum([
  'throttle',
  'server-error',
  'slow-first-token',
  'stall',
  'cut-stream',
  'content-filter-prompt',
  'content-filter-completion',
  'context-too-long',
  'error-in-stream',
  'malformed-frames',
  'split-utf8',
]);

const failure = z.strictObject({
  kind: failureKind,
  deployment: z.string().optional(),
  region: z.string().optional(),
  operation: z.enum(['chat', 'embeddings']).optional(),
  times: z.number().int().min(1).max(MAX_TIMES).default(1),
  /** What a throttled answer says about waiting; `null` says nothing. */
  retryAfter: z
    .strictObject({ header: z.enum(['retry-after-ms', 'retry-after']), value: z.string() })
    .nullable()
    .default({ header: 'retry-after', value: '1' }),
  /** How long `slow-first-token` and `stall` last. */
  delayMs: z.number().int().min(0).max(MAX_DELAY_MS).optional(),
  /** Pieces of text that are sent before an answer stalls, is cut, filtered or fails. */
  afterTokens: z.number().int().min(0).default(2),
});

/** The body of `POST /_control/failures`. */
export const failureList = z.array(failure).max(MAX_PLANNED);

/** One way in which an answer goes wrong. */
export type Failure = z.infer<typeof failure>;

export interface FailurePlan {
  add(failures: readonly Failure[]): void;
  clear(): void;
  /** The first planned failure that fits a request, used up by one; one that the request asks for itself comes first. */
  take(deployment: Deployment, region: string, asked: string | undefined): Failure | undefined;
}

/** Keeps what has to go wrong next. */
export function createFailurePlan(): FailurePlan {
  let planned: { failure: Failure; left: number }[] = [];
  return {
    add(failures) {
      planned.push(...failures.map((failure) => ({ failure, left: failure.times })));
      planned = planned.slice(-MAX_PLANNED);
    },
    clear() {
      planned = [];
    },
    take(deployment, region, asked) {
      if (asked !== undefined) return failure.parse({ kind: asked });
      const next = planned.find((entry) => fits(entry.failure, deployment, region));
      if (!next) return undefined;
      next.left -= 1;
      planned = planned.filter(({ left }) => left > 0);
      return next.failure;
    },
  };
}

function fits(failure: Failure, { name, operation }: Deployment, region: string): boolean {
  const isThere = (failure.region ?? region) === region;
  return isThere && (failure.deployment ?? name) === name && (failure.operation ?? operation) === operation;
}
