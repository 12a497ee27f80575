import type { AuditItem } from '../contracts/audit.ts';

/** What a caller says of an act; id, time and trace are added when it is recorded. */
export type AuditEntry = Omit<AuditItem, 'id' | 'at' | 'traceId' | 'details'> & {
  readonly details?: AuditItem['details'];
};

/** Puts acts on record. Nothing recorded can be changed or removed through any API. */
export interface AuditLog {
  /** Resolves when the act is stored. @throws AppError when it cannot be. */
  record(entry: AuditEntry): Promise<void>;
}
