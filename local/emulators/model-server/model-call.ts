import type { ServerResponse } from 'node:http';
import type { Deployment } from './deployments.ts';
import type { Embedder } from './embedder.ts';
import type { Failure } from './failures.ts';
import type { PaceSettings } from './pacing.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { RequestRecord } from './request-log.ts';

/** What a running server shares between its requests. */
export interface Models {
  readonly embedder: Embedder;
  /** Of a region. */
  readonly promptCaches: (region: string) => PromptCache;
}

/** One accepted request to a deployment. */
export interface ModelCall {
  readonly deployment: Deployment;
  readonly body: unknown;
  readonly response: ServerResponse;
  /** Aborts when the client closes the connection. */
  readonly signal: AbortSignal;
  readonly failure: Failure | undefined;
  readonly pace: PaceSettings;
  readonly record: RequestRecord;
  readonly models: Models;
}
