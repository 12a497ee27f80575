import { buffer } from 'node:stream/consumers';
import type { AuditBlocks } from '../../audit/audit-blocks.ts';
import type { StorageConfig } from '../../config.ts';
import type { TenantId } from '../../contracts/identifiers.ts';
import { isAppError } from '../../errors.ts';
import { storageCall } from '../azure-storage.ts';
import { blobService } from './blob-service.ts';
import { AUDIT_CONTAINER } from './containers.ts';
import { tooLarge } from './upload.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const READ_RETRIES = 2;
const SEQUENCE_DIGITS = 10;
const SEQUENCE = /\/(\d{10})\.ndjson$/;

const nameOf = (tenantId: TenantId, sequence: number) =>
  `${tenantId}/${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.ndjson`;

/** Blocks as blobs `{tenant}/{sequence}.ndjson`, in a container that forbids to change or remove them in production. */
export function createAuditBlocks(storage: StorageConfig): AuditBlocks {
  const service = blobService(storage);
  const container = async () => (await service()).getContainerClient(AUDIT_CONTAINER);

  return {
    async create(tenantId, sequence, content) {
      const client = (await container()).getBlockBlobClient(nameOf(tenantId, sequence));
      const body = Buffer.from(content);
      const options = {
        conditions: { ifNoneMatch: '*' },
        blobHTTPHeaders: { blobContentType: 'application/x-ndjson' },
      };
      try {
        await storageCall((abortSignal) => client.upload(body, body.length, { ...options, abortSignal }));
        return true;
      } catch (error) {
        if (isAppError(error, 'conflict') || isAppError(error, 'precondition_failed')) return false;
        throw error;
      }
    },

    async read(tenantId, sequence) {
      const client = (await container()).getBlobClient(nameOf(tenantId, sequence));
      try {
        return await storageCall(async (abortSignal) => {
          const response = await client.download(0, MAX_BYTES, { abortSignal, maxRetryRequests: READ_RETRIES });
          const content = response.readableStreamBody ? await buffer(response.readableStreamBody) : Buffer.alloc(0);
          if (content.length === MAX_BYTES) throw tooLarge(MAX_BYTES);
          return content.toString();
        });
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },

    async *sequences(tenantId) {
      const client = await container();
      let continuationToken: string | undefined;
      do {
        const pages = client.listBlobsFlat({ prefix: `${tenantId}/` }).byPage({ continuationToken });
        const { value } = await storageCall(() => pages.next());
        for (const { name } of value?.segment.blobItems ?? []) {
          const sequence = SEQUENCE.exec(name)?.[1];
          if (sequence) yield Number(sequence);
        }
        continuationToken = value?.continuationToken || undefined;
      } while (continuationToken);
    },
  };
}
