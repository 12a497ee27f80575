import { ZodError } from 'zod';

/** The body of every failed answer. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string | null;
    readonly code: string;
    readonly param: string | null;
    readonly innererror?: unknown;
  };
}

interface FailureDetails {
  readonly type?: string | null;
  readonly param?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly inner?: unknown;
}

/** A request that the server refuses, in the words of Azure OpenAI. */
export class ModelServerError extends Error {
  override readonly name = 'ModelServerError';
  readonly status: number;
  readonly code: string;
  readonly details: FailureDetails;

  constructor(status: number, code: string, message: string, details: FailureDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export function errorBody(error: ModelServerError): ErrorBody {
  const { type = null, param = null, inner } = error.details;
  return {
    error: {
      message: error.message,
      type,
      code: error.code,
      param,
      ...(inner === undefined ? {} : { innererror: inner }),
    },
  };
}

export function invalidRequest(
  message: string,
  param: string | null = null,
  code = 'invalid_request',
): ModelServerError {
  return new ModelServerError(400, code, message, { type: 'invalid_request_error', param });
}

export function contextTooLong(limit: number, tokens: number, param: string): ModelServerError {
  const message = `This model's maximum context length is ${limit} tokens. However, your ${param} resulted in ${tokens} tokens. Please reduce the length of the ${param}.`;
  return invalidRequest(message, param, 'context_length_exceeded');
}

export const resourceNotFound = (): ModelServerError => new ModelServerError(404, '404', 'Resource not found');

export const deploymentNotFound = (): ModelServerError =>
  new ModelServerError(
    404,
    'DeploymentNotFound',
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
  );

export const accessDenied = (): ModelServerError =>
  new ModelServerError(
    401,
    '401',
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  );

/** Turns whatever was thrown into an answer. */
export function asModelServerError(error: unknown): ModelServerError {
  if (error instanceof ModelServerError) return error;
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    return invalidRequest(issue?.message ?? 'The request is not valid.', issue?.path.join('.') || null);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ModelServerError(500, 'InternalServerError', `The server had an error: ${message}`, {
    type: 'server_error',
  });
}
