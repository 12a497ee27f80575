import type { AuditItem } from '../contracts/audit.ts';
import type { AuditDetails } from './audit-details.ts';

/** What a caller says of an act; id, time and trace are added when it is recorded. */
export type AuditEntry = Omit<AuditItem, 'id' | 'at' | 'traceId' | 'details'> & {
  readonly details?: AuditDetails;
};

/** Puts acts on record. Nothing recorded can be changed or removed through any API. */
export interface AuditLog {
  /**
   * Resolves when the act is stored, or after two seconds when it will be tried again. It never fails because of the
   * store: the act has been done by then, and an answer that denies it would make somebody do it twice.
   * @throws AppError `internal` for details that could hold text.
   */
  record(entry: AuditEntry): Promise<void>;
}
