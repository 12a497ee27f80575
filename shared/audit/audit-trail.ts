import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditItem } from '../contracts/audit.ts';
import { timeOfId } from '../identifiers.ts';
import { currentInvocation } from '../telemetry/invocation.ts';
import type { Logger } from '../telemetry/logger.ts';
import { checkDetails } from './audit-details.ts';
import type { AuditEntry, AuditLog } from './audit-log.ts';
import type { AuditRepository } from './audit-repository.ts';

const LONGEST_WAIT_MILLISECONDS = 2_000;
/** With the last attempt's own time well below the age at which acts are sealed. */
const RETRY_MILLISECONDS = 60_000;
const RETRY_PAUSE_MILLISECONDS = 5_000;
const MAX_WAITING = 1_000;

export interface AuditTrailOptions {
  readonly repository: AuditRepository;
  readonly newId: (prefix: 'aud') => string;
  readonly log: Logger;
  readonly retryPauseMilliseconds?: number;
}

/**
 * Records acts in the order of their ids. While the store is down, at most 1,000 acts wait in memory and are tried again
 * for a minute; each is in the log at once as `audit delayed`, and as `audit lost` when it will not be tried any more, so
 * that neither an outage nor a crash makes an act vanish without a trace.
 */
export function createAuditTrail(options: AuditTrailOptions): AuditLog {
  const { repository, newId, log, retryPauseMilliseconds = RETRY_PAUSE_MILLISECONDS } = options;
  let waiting = 0;

  async function tryAgain(item: AuditItem): Promise<void> {
    const end = performance.now() + RETRY_MILLISECONDS;
    while (performance.now() < end) {
      await sleep(retryPauseMilliseconds, undefined, { ref: false });
      const isStored = await repository.append(item).then(
        () => true,
        () => false,
      );
      if (isStored) return;
    }
    log.error('audit lost', { item });
  }

  async function store(item: AuditItem): Promise<void> {
    try {
      await repository.append(item);
    } catch (error) {
      if (waiting >= MAX_WAITING) return log.error('audit lost', { item, error });
      log.warn('audit delayed', { item, error });
      waiting += 1;
      await tryAgain(item).finally(() => {
        waiting -= 1;
      });
    }
  }

  return {
    async record(entry) {
      const item = itemOf(entry, newId('aud'));
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, LONGEST_WAIT_MILLISECONDS);
      await Promise.race([store(item), late.promise]);
      clearTimeout(timer);
    },
  };
}

/** The time is that of the id, so that both tell the same order. */
function itemOf({ details = {}, ...entry }: AuditEntry, id: string): AuditItem {
  checkDetails(details);
  const at = timeOfId(id).toISOString();
  return {
    id,
    at,
    ...entry,
    details: { ...details } as AuditItem['details'],
    traceId: currentInvocation()?.traceId ?? '',
  };
}
