import type { AppendBlobClient } from '@azure/storage-blob';
import type { RunLogWriter } from '../../chat/run-log.ts';
import { AppError, isAppError } from '../../errors.ts';
import { storageCall } from '../azure-storage.ts';
import { readRange } from './read-range.ts';
import { parseLines, toLines } from './run-log-content.ts';

const MAX_APPEND_BYTES = 4 * 1024 * 1024;
const MAX_CONFLICTS = 5;
const KEEP_ALIVE = Buffer.from('\n');

export interface RunLogLimits {
  /** Milliseconds without a write after which `touch` makes one. */
  readonly refreshAfter: number;
}

export const RUN_LOG_LIMITS: RunLogLimits = { refreshAfter: 10_000 };

/** Appends to a log from `offset` on, noticing what others append by its length. One request a call, unless they do. */
export function runLogWriter(blob: AppendBlobClient, offset: number, limits: RunLogLimits): RunLogWriter {
  let length = offset;
  let stopped = false;
  let writtenAt = performance.now();

  /** False when the log is longer than we knew. */
  async function appendAtEnd(block: Buffer): Promise<boolean> {
    try {
      const conditions = { appendPosition: length };
      await storageCall((abortSignal) => blob.appendBlock(block, block.length, { abortSignal, conditions }));
      length += block.length;
      return true;
    } catch (error) {
      if (isAppError(error, 'precondition_failed')) return false;
      throw error;
    }
  }

  async function write(block: Buffer): Promise<boolean> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      if (await appendAtEnd(block)) {
        writtenAt = performance.now();
        return stopped;
      }
      const { content } = await readRange(blob, length, MAX_APPEND_BYTES);
      // The answer to our own append was lost and the SDK sent it again.
      const isOurs = content.subarray(0, block.length).equals(block);
      stopped ||= parseLines(isOurs ? content.subarray(block.length) : content).stopRequested;
      length += content.length;
      if (isOurs) return stopped;
    }
    throw new AppError('conflict', "Somebody else keeps writing to a run's log.");
  }

  return {
    async append(entries) {
      if (entries.length === 0) return stopped;
      const block = toLines(entries);
      if (block.length > MAX_APPEND_BYTES) throw new AppError('payload_too_large', 'A run event is too large to keep.');
      return write(block);
    },

    async touch() {
      if (performance.now() - writtenAt >= limits.refreshAfter) return write(KEEP_ALIVE);
      if (stopped) return true;
      const { contentLength } = await storageCall((abortSignal) => blob.getProperties({ abortSignal }));
      if ((contentLength ?? 0) === length) return false;
      // Not taken as read: part of it may be an append of ours whose answer was lost.
      const { content } = await readRange(blob, length, MAX_APPEND_BYTES);
      stopped = parseLines(content).stopRequested;
      return stopped;
    },
  };
}
