import { AppError } from '../../errors.ts';

const REFUSALS = new Set([401, 403]);
const MAX_CAUSES = 5;

/**
 * Says what an error of the SDK or of the network means. What the server itself said stays out of it: it may quote the
 * request, and with it a secret, and it may be written for a model to obey.
 */
export function toRemoteFailure(error: unknown, signal: AbortSignal): AppError {
  const own = ownErrorIn(error) ?? ownErrorIn(signal.reason);
  if (own) return own;
  if (signal.aborted) return new AppError('upstream_timeout', 'The tool server did not answer in time.');
  const status = (error as { code?: unknown }).code;
  if (REFUSALS.has(Number(status))) {
    return new AppError(
      'upstream_failed',
      'The tool server refused our credentials. An administrator has to check them.',
    );
  }
  if (typeof status === 'number' && status >= 300) {
    return new AppError('upstream_failed', `The tool server answered with the status ${status}.`);
  }
  const code = networkCodeOf(error);
  const advice = code ? `cannot be reached (${code})` : 'does not speak MCP as it should';
  // A TypeError is of `fetch` or of ours: the server has no words in it.
  const cause = error instanceof TypeError ? error : undefined;
  return new AppError('upstream_failed', `The tool server ${advice}.`, { cause });
}

/** Ours, however deep the SDK or `fetch` wrapped it. */
function ownErrorIn(error: unknown): AppError | undefined {
  return chainOf(error).find((link): link is AppError => link instanceof AppError);
}

function networkCodeOf(error: unknown): string | undefined {
  return chainOf(error)
    .map((link) => (link as { code?: unknown }).code)
    .find((code): code is string => typeof code === 'string' && /^[A-Z_]{3,40}$/.test(code));
}

function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let link = error; link instanceof Error && chain.length < MAX_CAUSES; link = link.cause) chain.push(link);
  return chain;
}
