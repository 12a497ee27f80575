import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '../errors.ts';
import type { Versioned } from '../versioned.ts';
import type { Organisation, TenantRepository } from './tenant.ts';

const MAX_ATTEMPTS = 30;
const JITTER_MILLISECONDS = 20;
const MAX_JITTER_MILLISECONDS = 300;

/**
 * Applies a step to the newest state of an organisation, again whenever another writer was faster.
 * @param find reads the newest state; it and `step` may refuse by throwing
 * @throws AppError `conflict` when others keep winning.
 */
export async function changeOrganisation(
  repository: TenantRepository,
  find: () => Promise<Versioned<Organisation>>,
  step: (organisation: Organisation) => Organisation,
): Promise<Organisation> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const { value, etag } = await find();
    const next = step(value);
    try {
      return (await repository.replace(next, etag)).value;
    } catch (error) {
      if (!isAppError(error, 'precondition_failed')) throw error;
      await sleep(Math.random() * Math.min(JITTER_MILLISECONDS * attempt, MAX_JITTER_MILLISECONDS));
    }
  }
  throw new AppError('conflict', 'The organisation is being changed by many at once. Try again.');
}
