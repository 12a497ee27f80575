import { Worker } from 'node:worker_threads';
import type { EmbeddingCommand, EmbeddingReport } from './embedding-worker.ts';
import { throttled } from './planned-errors.ts';

const MAX_WAITING_TEXTS = 20_000;

/** Embeds texts with the local model, off the event loop. */
export interface Embedder {
  /** Starts to load the model; asking for a vector does so as well. */
  load(): void;
  /** One vector of length 1 for each text. @throws ModelServerError 429 when too many texts wait. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array<ArrayBuffer>[]>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly texts: number;
  readonly settle: (outcome: Float32Array<ArrayBuffer>[] | Error) => void;
}

export function createEmbedder(): Embedder {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let lastId = 0;

  const fail = (error: Error) => {
    worker = undefined;
    for (const { settle } of waiting.values()) settle(error);
    waiting.clear();
  };

  function running(): Worker {
    if (worker) return worker;
    const started = new Worker(new URL('./embedding-worker.ts', import.meta.url), { execArgv: [] });
    started.unref();
    started.on('message', (report: EmbeddingReport) => {
      if (report.type === 'done') waiting.get(report.id)?.settle(report.vectors);
    });
    started.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
    started.on('exit', () => {
      if (worker === started) fail(new Error('The embedding model has stopped.'));
    });
    worker = started;
    return started;
  }

  return {
    load: () => void running(),
    embed(texts, signal) {
      const queued = [...waiting.values()].reduce((sum, job) => sum + job.texts, texts.length);
      if (queued > MAX_WAITING_TEXTS) throw throttled({ header: 'retry-after', value: '5' });
      const id = ++lastId;
      const send = (command: EmbeddingCommand) => running().postMessage(command);
      return new Promise((resolve, reject) => {
        const cancel = () => {
          send({ type: 'cancel', id });
          settle(new Error('The client has closed the connection.'));
        };
        const settle: Waiting['settle'] = (outcome) => {
          waiting.delete(id);
          signal.removeEventListener('abort', cancel);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        };
        signal.throwIfAborted();
        signal.addEventListener('abort', cancel);
        waiting.set(id, { texts: texts.length, settle });
        send({ type: 'embed', id, texts });
      });
    },
    async stop() {
      const stopping = worker;
      fail(new Error('The model server is stopping.'));
      await stopping?.terminate();
    },
  };
}
