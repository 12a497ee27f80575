import type { OpenAiError } from '../contracts/openai.ts';
import type { AppError } from '../errors.ts';
import { openAiError } from '../openai/openai-error.ts';
import { errorHeaders, STATUS_OF } from './problem.ts';

export interface OpenAiErrorReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: OpenAiError;
}

const BAD_REQUEST = 400;
const UNPROCESSABLE = 422;

/** Turns an error into one that the official clients make their own classes of. */
export function openAiErrorReply(error: AppError): OpenAiErrorReply {
  const status = STATUS_OF[error.code];
  const isHopeless = error.code === 'too_many_requests' && error.retryAfterSeconds === undefined;
  return {
    // OpenAI knows no 422: what it will not do with a request is a bad request.
    status: status === UNPROCESSABLE ? BAD_REQUEST : status,
    headers: {
      'content-type': 'application/json',
      ...errorHeaders(error),
      // The clients try a 429 again by themselves unless they are told that waiting does not help.
      ...(isHopeless && { 'x-should-retry': 'false' }),
    },
    body: openAiError(error),
  };
}
