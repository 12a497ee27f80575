import type { TenantId } from '../contracts/identifiers.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { AuditRepository } from './audit-repository.ts';
import { canonicalJson } from './canonical-json.ts';
import { readAudit } from './read-audit.ts';

/** A reader that is slow or gone holds no stream back: what is sent has to fit into memory. */
const MAX_ITEMS = 50_000;

interface ExportRange {
  readonly tenantId: TenantId;
  readonly after: string;
  readonly before: string;
}

/**
 * The acts of a range as NDJSON. When there is more than one export holds, or when the store fails on the way, the last
 * line is not an act but says where to go on: `{"continuesAfter":"aud_…"}`.
 * @throws AppError when not even the first act can be read.
 */
export async function exportLines(
  repository: AuditRepository,
  { tenantId, after, before }: ExportRange,
  log: Logger,
): Promise<AsyncGenerator<Uint8Array>> {
  const items = readAudit(repository, { tenantId, after, before, order: 'oldest-first', limit: MAX_ITEMS + 1 });
  const first = await items.next();

  async function* lines(): AsyncGenerator<Uint8Array> {
    let lastId = after;
    let count = 0;
    try {
      for (let next = first; !next.done; next = await items.next()) {
        if (count === MAX_ITEMS) return yield line({ continuesAfter: lastId });
        yield line(next.value);
        lastId = next.value.id;
        count += 1;
      }
    } catch (error) {
      log.error('audit export broke off', { tenantId, lastId, error });
      yield line({ continuesAfter: lastId });
    }
  }

  return lines();
}

const line = (value: unknown) => Buffer.from(`${canonicalJson(value)}\n`);
