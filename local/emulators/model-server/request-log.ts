import type { Deployment } from './deployments.ts';

const REMEMBERED_REQUESTS = 500;
const EXCERPT_CHARACTERS = 500;

/** What is known of one request to a deployment. */
export interface RequestRecord {
  readonly id: string;
  readonly deployment: string;
  readonly region: string;
  readonly operation: string;
  readonly at: string;
  /** The beginning of what was asked or is to be embedded, for tests that look for their own. */
  excerpt: string;
  stream: boolean;
  failure: string | undefined;
  status: number | undefined;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** The usage reached the client, or would have without a failure of its connection. */
  usageReported: boolean;
  /** The client closed the connection before the answer was whole. */
  aborted: boolean;
  finished: boolean;
}

interface Totals {
  requests: number;
  failed: number;
  aborted: number;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
}

export interface RequestLog {
  start(id: string, deployment: Deployment, region: string): RequestRecord;
  /** Adds a record to the sums, once. */
  finish(record: RequestRecord): void;
  /** Counts, sums of the reported usage and the last requests, newest last. */
  report(): { total: number; deployments: Record<string, Totals>; requests: readonly RequestRecord[] };
  clear(): void;
}

export function createRequestLog(): RequestLog {
  let total = 0;
  let totals: Record<string, Totals> = {};
  let requests: RequestRecord[] = [];

  const totalsOf = (deployment: string): Totals => {
    totals[deployment] ??= {
      requests: 0,
      failed: 0,
      aborted: 0,
      promptTokens: 0,
      completionTokens: 0,
      cachedTokens: 0,
    };
    return totals[deployment];
  };

  return {
    start(id, { name, operation }, region) {
      const record: RequestRecord = {
        id,
        deployment: name,
        region,
        operation,
        at: new Date().toISOString(),
        excerpt: '',
        stream: false,
        failure: undefined,
        status: undefined,
        promptTokens: 0,
        completionTokens: 0,
        cachedTokens: 0,
        usageReported: false,
        aborted: false,
        finished: false,
      };
      total += 1;
      totalsOf(name).requests += 1;
      requests = [...requests.slice(1 - REMEMBERED_REQUESTS), record];
      return record;
    },
    finish(record) {
      if (record.finished) return;
      record.finished = true;
      const sums = totalsOf(record.deployment);
      if (record.aborted) sums.aborted += 1;
      if ((record.status ?? 0) >= 400) sums.failed += 1;
      if (!record.usageReported) return;
      sums.promptTokens += record.promptTokens;
      sums.completionTokens += record.completionTokens;
      sums.cachedTokens += record.cachedTokens;
    },
    report: () => ({ total, deployments: totals, requests }),
    clear() {
      total = 0;
      totals = {};
      requests = [];
    },
  };
}

/** What a record keeps of a text. */
export const excerptOf = (text: string): string => text.slice(0, EXCERPT_CHARACTERS);
