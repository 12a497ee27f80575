import type { TenantId } from '../contracts/identifiers.ts';

/** Where sealed blocks are kept, numbered from 1 per tenant. A block is written once and never again. */
export interface AuditBlocks {
  /** False when that block is there already. */
  create(tenantId: TenantId, sequence: number, content: string): Promise<boolean>;
  /** The content of a block; null when it is missing. @throws AppError `payload_too_large` for more than 16 MiB. */
  read(tenantId: TenantId, sequence: number): Promise<string | null>;
  /** The numbers of all blocks that are there, in order. */
  sequences(tenantId: TenantId): AsyncIterable<number>;
}
