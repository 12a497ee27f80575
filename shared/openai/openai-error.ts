import { ZodError } from 'zod';
import type { OpenAiError } from '../contracts/openai.ts';
import type { AppError, ErrorCode } from '../errors.ts';

interface Kind {
  readonly type: string;
  readonly code: string | null;
}

const INVALID = 'invalid_request_error';
const SERVER = 'server_error';

/** The words that OpenAI has for what can go wrong. */
const KIND_OF: Readonly<Record<ErrorCode, Kind>> = {
  bad_request: { type: INVALID, code: null },
  validation_failed: { type: INVALID, code: null },
  unauthenticated: { type: INVALID, code: 'invalid_api_key' },
  forbidden: { type: 'permission_error', code: 'permission_denied' },
  not_found: { type: INVALID, code: 'not_found' },
  method_not_allowed: { type: INVALID, code: 'method_not_allowed' },
  conflict: { type: INVALID, code: 'conflict' },
  precondition_failed: { type: INVALID, code: 'precondition_failed' },
  payload_too_large: { type: INVALID, code: 'request_too_large' },
  unsupported_media_type: { type: INVALID, code: 'unsupported_media_type' },
  unprocessable: { type: INVALID, code: 'unsupported_value' },
  content_filtered: { type: INVALID, code: 'content_filter' },
  context_too_long: { type: INVALID, code: 'context_length_exceeded' },
  too_many_requests: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  upstream_failed: { type: SERVER, code: 'upstream_failed' },
  upstream_timeout: { type: SERVER, code: 'upstream_timeout' },
  dependency_unavailable: { type: SERVER, code: 'service_unavailable' },
  internal: { type: SERVER, code: 'internal_error' },
};

/** A budget that is spent is not over in a minute, which clients know by its own name. */
const SPENT_BUDGET: Kind = { type: 'insufficient_quota', code: 'insufficient_quota' };

/** An error as OpenAI words it. Of a request that is not as it should be, it names the first field that is wrong. */
export function openAiError(error: AppError): OpenAiError {
  const kind = isSpentBudget(error) ? SPENT_BUDGET : KIND_OF[error.code];
  const wrong = wrongField(error);
  return {
    error: {
      message: wrong ? `${wrong.param || 'The body'}: ${wrong.message}` : error.message,
      type: kind.type,
      code: detailOf(error, 'code') ?? kind.code,
      param: wrong ? wrong.param || null : (detailOf(error, 'param') ?? usualParam(error.code)),
    },
  };
}

function isSpentBudget({ code, details }: AppError): boolean {
  return code === 'too_many_requests' && (details?.window === 'day' || details?.window === 'month');
}

function wrongField({ code, cause }: AppError): { param: string; message: string } | null {
  if (code !== 'validation_failed' || !(cause instanceof ZodError)) return null;
  const [issue] = cause.issues;
  return issue ? { param: issue.path.map(String).join('.'), message: issue.message } : null;
}

function detailOf({ details }: AppError, name: 'code' | 'param'): string | null {
  const detail = details?.[name];
  return typeof detail === 'string' ? detail : null;
}

const usualParam = (code: ErrorCode) => (code === 'context_too_long' ? 'messages' : null);
