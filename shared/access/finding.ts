import type { AccessReason } from '../contracts/access-explanation.ts';

/** One thing that must hold, and why it does or does not. */
export interface Finding {
  readonly holds: boolean;
  readonly because: readonly AccessReason[];
}
