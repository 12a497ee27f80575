import { Worker } from 'node:worker_threads';
import type { FileClaims } from './detect-media-type.ts';
import type { ExtractedDocument } from './extracted-document.ts';
import { ExtractionError } from './extraction-error.ts';
import type { ExtractionLimits } from './extraction-limits.ts';
import type { ExtractionReply, ExtractionRequest } from './extraction-worker.ts';

export interface ExtractionThread {
  /** Extracts one file; the caller never gives it two at a time. */
  readonly extract: (bytes: Uint8Array, claims: FileClaims) => Promise<ExtractedDocument>;
  /** False once it was stopped by a limit or died. */
  readonly isUsable: () => boolean;
  readonly extracted: () => number;
  /** Ends the thread; a file that it is reading is refused with the reason. */
  readonly end: (reason: Error) => Promise<void>;
}

const BYTES_PER_MEGABYTE = 1024 * 1024;
const MEMORY_CHECK_MILLISECONDS = 100;
const STACK_MEGABYTES = 8;
// Garbage of a file is collected while it is read, not kept until there are tens of megabytes of it.
const YOUNG_MEGABYTES = 8;
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './extraction-worker.ts' : './extraction-worker.js',
  import.meta.url,
);

/** Starts a thread for extraction that is ended from outside when it takes too long or too much memory. */
export function createExtractionThread(limits: ExtractionLimits): ExtractionThread {
  const { maxHeapMegabytes, timeoutMilliseconds, ...parsingLimits } = limits;
  const worker = new Worker(workerUrl, {
    resourceLimits: {
      maxOldGenerationSizeMb: maxHeapMegabytes,
      maxYoungGenerationSizeMb: YOUNG_MEGABYTES,
      stackSizeMb: STACK_MEGABYTES,
    },
    // A parser of foreign files has no business with the settings of the process.
    env: {},
    execArgv: [],
  });
  worker.unref();
  let usable = true;
  let extracted = 0;
  let refuse: (reason: Error) => void = () => {};

  const markUnusable = () => {
    usable = false;
  };
  worker.on('error', markUnusable).on('exit', markUnusable);

  const extract = (bytes: Uint8Array, { fileName, declaredMediaType }: FileClaims) =>
    new Promise<ExtractedDocument>((resolve, reject) => {
      const settle = (outcome: () => void) => {
        clearTimeout(deadline);
        clearInterval(memoryCheck);
        refuse = () => {};
        worker.off('message', onMessage).off('error', onError).off('exit', onExit).unref();
        outcome();
      };
      const stop = (error: Error) => {
        markUnusable();
        settle(() => void worker.terminate().finally(() => reject(error)));
      };
      const onMessage = (reply: ExtractionReply) => {
        extracted += 1;
        settle(() => ('document' in reply ? resolve(reply.document) : reject(toError(reply.failure))));
      };
      const onError = (error: Error) => stop(toThreadError(error));
      const onExit = () => stop(new ExtractionError('damaged', { cause: 'the extraction thread ended early' }));
      const deadline = setTimeout(() => stop(new ExtractionError('timed-out')), timeoutMilliseconds);
      const file = extracted;
      const memoryCheck = setInterval(async () => {
        const used = await usedMegabytes(worker);
        if (used > maxHeapMegabytes && usable && file === extracted) stop(new ExtractionError('too-large'));
      }, MEMORY_CHECK_MILLISECONDS);
      refuse = (reason) => settle(() => reject(reason));
      worker.ref();
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      const request: ExtractionRequest = {
        bytes: transferable(bytes),
        fileName,
        declaredMediaType,
        limits: parsingLimits,
      };
      worker.postMessage(request, [request.bytes.buffer as ArrayBuffer]);
    });

  return {
    extract,
    isUsable: () => usable,
    extracted: () => extracted,
    end: async (reason) => {
      markUnusable();
      refuse(reason);
      await worker.terminate();
    },
  };
}

/** JavaScript heap and array buffers: the thread's own limit counts only the former, and parsers inflate into the latter. */
async function usedMegabytes(worker: Worker): Promise<number> {
  try {
    const { used_heap_size, external_memory } = await worker.getHeapStatistics();
    return (used_heap_size + external_memory) / BYTES_PER_MEGABYTE;
  } catch {
    // The thread has just ended; its end is reported by its own event.
    return 0;
  }
}

// A view onto a shared buffer (as small Buffers are) must be copied, or its neighbours would be lost.
function transferable(bytes: Uint8Array): Uint8Array {
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return whole ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes);
}

function toError({
  code,
  message,
  detail,
}: Extract<ExtractionReply, { failure: unknown }>['failure']): ExtractionError {
  return new ExtractionError(code, { message, cause: detail });
}

function toThreadError(cause: Error): ExtractionError {
  const outOfMemory = 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return new ExtractionError(outOfMemory ? 'too-large' : 'damaged', { cause });
}
