import type { HttpRequest } from '@azure/functions';

const REFUSAL = /\bno-(?:cache|store)\b/i;

/** Whether a caller wants an answer that was made for it: `Cache-Control: no-cache`, as HTTP has it. */
export function refusesCache({ headers }: HttpRequest): boolean {
  return REFUSAL.test(headers.get('cache-control') ?? '');
}
