import type { TenantId, UserId } from '../contracts/identifiers.ts';
import type { Removed } from './stores.ts';

/** Whose data is erased. */
export interface Subject {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}

/**
 * Removes one bounded part of what a person has in the stores of a domain and says how much it was; nothing when nothing
 * is left. It may be called again at any time, also while another instance does the same.
 */
export type Eraser = (subject: Subject) => Promise<Removed>;
