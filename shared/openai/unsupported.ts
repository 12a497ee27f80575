import { AppError } from '../errors.ts';

/** The refusal of something that OpenAI offers and this platform does not; `reason` says what to do instead. */
export function unsupported(param: string, reason: string): AppError {
  return new AppError('bad_request', `\`${param}\` is not supported here. ${reason}`, {
    details: { param, code: 'unsupported_parameter' },
  });
}
