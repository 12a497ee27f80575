import type { AppendBlobClient, ContainerListBlobFlatSegmentResponse } from '@azure/storage-blob';
import type { RunArchive, RunLog } from '../../chat/run-log.ts';
import type { StorageConfig } from '../../config.ts';
import type { RunId, TenantId } from '../../contracts/identifiers.ts';
import { AppError, isAppError } from '../../errors.ts';
import { storageCall } from '../azure-storage.ts';
import { blobService } from './blob-service.ts';
import { RUNS_CONTAINER } from './containers.ts';
import { readRange } from './read-range.ts';
import { parseLines, STOP_LINE } from './run-log-content.ts';
import { RUN_LOG_LIMITS, type RunLogLimits, runLogWriter } from './run-log-writer.ts';

/** More than the largest append, so that a read always holds a whole line. */
const MAX_READ_BYTES = 4 * 1024 * 1024;
const RUNS_PER_PAGE = 1_000;

/** Run logs as append blobs `{tenant}/{run}`: one line an entry, the owner in the metadata. */
export function createRunLog(storage: StorageConfig, limits: RunLogLimits = RUN_LOG_LIMITS): RunLog & RunArchive {
  const service = blobService(storage);

  async function blob(tenantId: TenantId, runId: RunId): Promise<AppendBlobClient> {
    return (await service()).getContainerClient(RUNS_CONTAINER).getAppendBlobClient(`${tenantId}/${runId}`);
  }

  return {
    async create(runId, { tenantId, userId, sessionId }) {
      const client = await blob(tenantId, runId);
      const options = { metadata: { userid: userId, sessionid: sessionId }, conditions: { ifNoneMatch: '*' } };
      await storageCall((abortSignal) => client.create({ ...options, abortSignal }));
      return runLogWriter(client, 0, limits);
    },

    async reopen(tenantId, runId, offset) {
      return runLogWriter(await blob(tenantId, runId), offset, limits);
    },

    async owner(tenantId, runId) {
      const client = await blob(tenantId, runId);
      try {
        const { metadata } = await storageCall((abortSignal) => client.getProperties({ abortSignal }));
        return { tenantId, userId: metadata?.userid ?? '', sessionId: metadata?.sessionid ?? '' };
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },

    async read(tenantId, runId, from) {
      const { content, modifiedAt } = await readRange(await blob(tenantId, runId), from, MAX_READ_BYTES);
      const { entries, stopRequested, consumed } = parseLines(content);
      if (content.length === MAX_READ_BYTES && consumed === 0) {
        throw new AppError('internal', "A run's log holds a line that is too long to read.");
      }
      return { entries, stopRequested, nextOffset: from + consumed, modifiedAt };
    },

    async requestStop(tenantId, runId) {
      const client = await blob(tenantId, runId);
      await storageCall((abortSignal) => client.appendBlock(STOP_LINE, STOP_LINE.length, { abortSignal }));
    },

    async *pages(tenantId) {
      const container = (await service()).getContainerClient(RUNS_CONTAINER);
      const prefix = `${tenantId}/`;
      let continuationToken: string | undefined;
      do {
        const page = await storageCall(async (abortSignal) => {
          const listing = container.listBlobsFlat({ prefix, includeMetadata: true, abortSignal });
          return (
            await listing.byPage({ maxPageSize: RUNS_PER_PAGE, ...(continuationToken && { continuationToken }) }).next()
          ).value as ContainerListBlobFlatSegmentResponse | undefined;
        });
        continuationToken = page?.continuationToken || undefined;
        yield (page?.segment.blobItems ?? []).map(({ name, metadata }) => ({
          runId: name.slice(prefix.length),
          userId: metadata?.userid ?? '',
          sessionId: metadata?.sessionid ?? '',
        }));
      } while (continuationToken);
    },

    async remove(tenantId, runId) {
      const client = await blob(tenantId, runId);
      await storageCall((abortSignal) => client.deleteIfExists({ abortSignal }));
    },
  };
}
