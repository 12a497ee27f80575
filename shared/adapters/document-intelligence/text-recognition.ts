import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { backoff } from '../../backoff.ts';
import type { AppError } from '../../errors.ts';
import type { TextRecognition } from '../../ingestion/recognition/text-recognition.ts';
import type { RecognitionConfig } from '../../settings/recognition-settings.ts';
import { retryAfter } from '../retry-after.ts';
import { AnalysisResult, toRecognizedText } from './analysis-result.ts';
import { API_VERSION, createServiceCall, type ServiceAnswer, type ServiceCall, unavailable } from './service-call.ts';

/** All in milliseconds, `tries` apart. */
export interface RecognitionLimits {
  /** Of one request, while the service is busy or down. */
  readonly tries: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
  /** Between two questions whether it is done, unless the service names another time. */
  readonly pollInterval: number;
  readonly longestPollInterval: number;
  /** From the file's going up to its text; well within the time that a queue's worker has. */
  readonly deadline: number;
}

const LIMITS: RecognitionLimits = {
  tries: 5,
  firstDelay: 1_000,
  longestDelay: 20_000,
  pollInterval: 2_000,
  longestPollInterval: 15_000,
  deadline: 240_000,
};
/** With `prebuilt-read` there would be no tables and no roles. */
const MODEL = 'prebuilt-layout';
const ANALYZE = `/documentintelligence/documentModels/${MODEL}:analyze?api-version=${API_VERSION}&stringIndexType=utf16CodeUnit`;
/** What the service says of a file, and not of itself. */
const FILE_REFUSED = new Set([400, 413, 415, 422]);
const FAULT_OF_SERVICE = /InternalServerError|ServiceUnavailable|Timeout|TooManyRequests/i;

const Operation = z.object({
  status: z.enum(['notStarted', 'running', 'succeeded', 'failed', 'canceled', 'skipped']),
  analyzeResult: AnalysisResult.optional(),
  error: z.object({ code: z.string().optional() }).optional(),
});

/** Azure Document Intelligence v4: sends a file and asks until its text is there. */
export function createTextRecognition(config: RecognitionConfig, limits = LIMITS): TextRecognition {
  const call = createServiceCall(config);
  return {
    model: MODEL,
    async recognize(bytes) {
      const signal = AbortSignal.timeout(limits.deadline);
      const begun = await persistently(() => call({ path: ANALYZE, body: bytes, signal }), limits, signal);
      if (FILE_REFUSED.has(begun.status)) return null;
      if (begun.status !== 202) throw refused(begun);
      return await wait(call, operationPath(config, begun), limits, signal);
    },
  };
}

async function wait(call: ServiceCall, path: string, limits: RecognitionLimits, signal: AbortSignal) {
  let asked: number | null = null;
  for (;;) {
    await pause(asked ?? limits.pollInterval, limits.longestPollInterval, signal);
    const answer = await persistently(() => call({ path, signal }), limits, signal);
    if (answer.status !== 200) throw refused(answer);
    asked = retryAfter(answer.headers);
    const { status, analyzeResult, error } = parse(answer);
    if (status === 'succeeded' && analyzeResult) return toRecognizedText(analyzeResult);
    if (status === 'notStarted' || status === 'running') continue;
    if (FAULT_OF_SERVICE.test(error?.code ?? '')) throw unavailable('failed');
    return null;
  }
}

/** Repeats a request that was throttled or met a failing service, as long as it makes sense. */
async function persistently(send: () => Promise<ServiceAnswer>, limits: RecognitionLimits, signal: AbortSignal) {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send().catch((error: AppError) => error);
    const isPassing = !('status' in outcome) || outcome.status === 429 || outcome.status >= 500;
    if (!isPassing) return outcome;
    if (attempt >= limits.tries || signal.aborted) throw 'status' in outcome ? refused(outcome) : outcome;
    const asked = 'status' in outcome ? retryAfter(outcome.headers) : null;
    await pause(asked ?? backoff(attempt, limits.firstDelay, limits.longestDelay), limits.longestDelay, signal);
  }
}

async function pause(milliseconds: number, longest: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.min(milliseconds, longest), undefined, { signal });
  } catch (cause) {
    throw unavailable('takes too long', { cause });
  }
}

/** The key must not go anywhere else, whatever an answer says. */
function operationPath({ endpoint }: RecognitionConfig, { headers }: ServiceAnswer): string {
  const location = String(headers['operation-location'] ?? '');
  const base = new URL(endpoint);
  if (!URL.canParse(location) || new URL(location).origin !== base.origin) throw unavailable('answers with no place');
  const { pathname, search } = new URL(location);
  const prefix = base.pathname.replace(/\/+$/, '');
  return `${pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname}${search}`;
}

function parse({ body }: ServiceAnswer) {
  try {
    return Operation.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw unavailable('answers in an unknown form', { cause });
  }
}

function refused(answer: ServiceAnswer): AppError {
  const seconds = (retryAfter(answer.headers) ?? 0) / 1_000;
  const what = answer.status === 429 ? 'is busy' : `answered ${answer.status}`;
  return unavailable(what, seconds > 0 ? { retryAfterSeconds: Math.ceil(seconds) } : {});
}
