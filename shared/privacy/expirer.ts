import type { TenantId, UserId } from '../contracts/identifiers.ts';
import type { Policy } from '../contracts/policy.ts';

export type RetentionKind = keyof NonNullable<Policy['retentionDays']>;

/** What of a tenant has been kept long enough. */
export interface Expiry {
  readonly tenantId: TenantId;
  /** Nothing of the tenant is older. */
  readonly createdAt: string;
  /** Older is expired; ISO 8601. */
  readonly before: string;
  /** Everybody who is not on legal hold. */
  readonly people: readonly UserId[];
  /** Nothing of these may go. */
  readonly held: ReadonlySet<string>;
  /** Whether the rest must wait for the next time. */
  isTimeUp(): boolean;
}

/** Removes what has expired of one kind, and says how much. It may run again, and twice at once. */
export interface Expirer {
  readonly kind: RetentionKind;
  expire(expiry: Expiry): Promise<number>;
}
