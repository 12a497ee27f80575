import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AuditItem } from '../contracts/audit.ts';
import { TenantId, Timestamp } from '../contracts/identifiers.ts';
import { canonicalJson } from './canonical-json.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Its time can be read, whatever somebody may have written into the block. */
const AuditId = z.string().regex(/^aud_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);

/** The first line of a block. */
export const AuditBlockHeader = z.strictObject({
  format: z.literal('audit-block-1'),
  tenantId: TenantId,
  sequence: z.number().int().positive(),
  sealedAt: Timestamp,
  count: z.number().int().positive(),
  firstId: AuditId,
  lastId: AuditId,
  previousHash: Hash,
  /** SHA-256 of all the rest: this line without the hash, in canonical JSON, then the lines of the items. */
  hash: Hash,
});
export type AuditBlockHeader = z.infer<typeof AuditBlockHeader>;

/** Stands for the block before the first one. */
export const GENESIS_HASH = '0'.repeat(64);

export interface AuditBlock {
  readonly header: AuditBlockHeader;
  readonly items: readonly AuditItem[];
  /** What the hash should be by what is in the block. */
  readonly actualHash: string;
}

interface Facts {
  readonly tenantId: TenantId;
  readonly sequence: number;
  readonly sealedAt: string;
  readonly previousHash: string;
}

/** Writes at least one item as NDJSON: a header line, then one canonical line an item. */
export function sealBlock(facts: Facts, items: readonly [AuditItem, ...AuditItem[]]) {
  const lines = items.map(canonicalJson);
  const [{ id: firstId }] = items;
  const lastId = items.at(-1)?.id ?? firstId;
  const unsigned = { format: 'audit-block-1' as const, ...facts, count: items.length, firstId, lastId };
  const header: AuditBlockHeader = { ...unsigned, hash: hashOf(unsigned, lines) };
  return { header, content: `${[canonicalJson(header), ...lines].join('\n')}\n` };
}

/** Reads a block without judging it; null when it does not have the form of one. */
export function parseBlock(content: string): AuditBlock | null {
  const [first = '', ...lines] = content.replace(/\n$/, '').split('\n');
  try {
    const header = AuditBlockHeader.parse(JSON.parse(first));
    const { hash: _, ...unsigned } = header;
    return {
      header,
      items: lines.map((line) => ItemLine.parse(JSON.parse(line))),
      actualHash: hashOf(unsigned, lines),
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Fields that should not be there are kept, so that they are compared. */
const ItemLine = AuditItem.loose();

function hashOf(unsigned: Omit<AuditBlockHeader, 'hash'>, lines: readonly string[]): string {
  const hash = createHash('sha256').update(canonicalJson(unsigned));
  for (const line of lines) hash.update('\n').update(line);
  return hash.digest('hex');
}
