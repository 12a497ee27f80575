import type { Authenticator } from '../identity/authenticator.ts';
import { whoWasDenied } from '../identity/denied-sign-in.ts';
import type { Principal } from '../identity/principal.ts';
import type { AuditLog } from './audit-log.ts';

const HOUR_MILLISECONDS = 3_600_000;
const MAX_PEOPLE = 50_000;

/** Who acts, as the audit log names it. */
export function actorOf({ kind, userId, displayName }: Pick<Principal, 'kind' | 'userId' | 'displayName'>) {
  return { kind, id: userId, name: displayName };
}

/**
 * Records who signs in, once an hour per person and instance, without making anybody wait for it. Of refusals, only those
 * of people whom a valid token names are recorded: what an invalid one says is proof of nothing.
 */
export function recordSignIns(authenticator: Authenticator, audit: AuditLog, now: () => Date): Authenticator {
  const recordedAt = new Map<string, number>();

  function isDue(key: string): boolean {
    const at = now().getTime();
    if (at - (recordedAt.get(key) ?? 0) < HOUR_MILLISECONDS) return false;
    recordedAt.delete(key);
    recordedAt.set(key, at);
    const [oldest] = recordedAt.size > MAX_PEOPLE ? recordedAt.keys() : [];
    if (oldest !== undefined) recordedAt.delete(oldest);
    return true;
  }

  return {
    async authenticate(credentials) {
      try {
        const principal = await authenticator.authenticate(credentials);
        const { tenantId, userId } = principal;
        if (isDue(`${tenantId} ${userId}`)) {
          const roles = [...principal.roles];
          const actor = actorOf(principal);
          void audit.record({
            tenantId,
            action: 'sign-in.succeeded',
            outcome: 'allowed',
            actor,
            subject: userId,
            details: { roles },
          });
        }
        return principal;
      } catch (error) {
        const who = whoWasDenied(error);
        if (who && isDue(`denied ${who.tenantId} ${who.userId}`)) {
          const actor = actorOf({ kind: 'user', ...who });
          await audit.record({
            tenantId: who.tenantId,
            action: 'sign-in.denied',
            outcome: 'denied',
            actor,
            subject: who.userId,
            details: { reason: who.reason },
          });
        }
        throw error;
      }
    },
  };
}
