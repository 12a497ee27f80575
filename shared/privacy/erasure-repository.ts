import type { ErasureId, TenantId } from '../contracts/identifiers.ts';
import type { Erasure, ErasureMessage } from '../contracts/privacy.ts';
import type { Versioned } from '../versioned.ts';

export interface ErasureRepository {
  find(tenantId: TenantId, id: ErasureId): Promise<Versioned<Erasure> | null>;
  create(erasure: Erasure): Promise<void>;
  /** @throws AppError `precondition_failed` when it is no longer what `etag` named. */
  replace(erasure: Erasure, etag: string): Promise<Versioned<Erasure>>;
}

/** Brings the work to a worker, at least once. */
export interface ErasureQueue {
  send(message: ErasureMessage): Promise<void>;
}
