import { filteredPrompt } from './content-filter.ts';
import type { Deployment } from './deployments.ts';
import { contextTooLong, ModelServerError } from './errors.ts';
import type { Failure } from './failures.ts';

/** The refusal that a planned failure asks for; nothing when the failure is one of the answer itself. */
export function plannedError(failure: Failure | undefined, deployment: Deployment): ModelServerError | undefined {
  switch (failure?.kind) {
    case 'throttle':
      return throttled(failure.retryAfter);
    case 'server-error':
      return serverError();
    case 'context-too-long':
      return contextTooLong(
        deployment.contextTokens,
        deployment.contextTokens + 1,
        deployment.operation === 'chat' ? 'messages' : 'input',
      );
    case 'content-filter-prompt':
      return promptFiltered();
    default:
      return undefined;
  }
}

export function throttled(retryAfter: Failure['retryAfter']): ModelServerError {
  const message =
    'Requests to this deployment have exceeded the token rate limit of your current pricing tier. Please retry later.';
  return new ModelServerError(429, '429', message, {
    type: 'too_many_requests',
    headers: retryAfter ? { [retryAfter.header]: retryAfter.value } : {},
  });
}

export const serverError = (): ModelServerError =>
  new ModelServerError(
    500,
    'InternalServerError',
    'The server had an error while processing your request. Sorry about that!',
    {
      type: 'server_error',
    },
  );

function promptFiltered(): ModelServerError {
  const message =
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.";
  return new ModelServerError(400, 'content_filter', message, {
    param: 'prompt',
    inner: { code: 'ResponsibleAIPolicyViolation', content_filter_result: filteredPrompt },
  });
}
