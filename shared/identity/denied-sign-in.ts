import type { TenantId, UserId } from '../contracts/identifiers.ts';
import { AppError } from '../errors.ts';

/** Somebody whom a valid token names, but who is not let in. */
export interface DeniedPerson {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly displayName: string;
  readonly reason: 'tenant-suspended' | 'user-suspended';
}

const denied = new WeakMap<object, DeniedPerson>();

/** A refusal that the audit log can attribute; the caller gets to see the message only. */
export function deniedSignIn(message: string, person: DeniedPerson): AppError {
  const error = new AppError('forbidden', message);
  denied.set(error, person);
  return error;
}

export function whoWasDenied(error: unknown): DeniedPerson | undefined {
  return typeof error === 'object' && error !== null ? denied.get(error) : undefined;
}
