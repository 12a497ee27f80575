import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { metrics } from '../../telemetry/metrics.ts';

/** Spans that wait or are on their way to one backend: some megabytes at most. Beyond it new ones are dropped. */
const MAX_WAITING = 2_048;
/** Whatever an exporter promises itself. */
const EXPORT_MILLISECONDS = 5_000;
const BATCH = {
  maxQueueSize: MAX_WAITING,
  maxExportBatchSize: 256,
  scheduledDelayMillis: 1_000,
  exportTimeoutMillis: 2 * EXPORT_MILLISECONDS,
};

export interface BoundedExport {
  /** Whether there is room for one more span; counts it as lost when there is none. */
  admit(): boolean;
  readonly exporter: SpanExporter;
}

/** Bounds what waits for a backend, and counts what never gets there. */
export function boundExport(backend: string, exporter: SpanExporter): BoundedExport {
  let waiting = 0;
  return {
    admit() {
      if (waiting >= MAX_WAITING) {
        metrics.telemetryLost.add(1, { backend, reason: 'queue-full' });
        return false;
      }
      waiting += 1;
      return true;
    },
    exporter: {
      export(spans, done) {
        const ended = once((result: ExportResult) => {
          clearTimeout(deadline);
          waiting -= spans.length;
          if (result.code !== ExportResultCode.SUCCESS) {
            metrics.telemetryLost.add(spans.length, { backend, reason: 'not-delivered' });
          }
          done(result);
        });
        const deadline = setTimeout(ended, EXPORT_MILLISECONDS, { code: ExportResultCode.FAILED });
        exporter.export(spans, ended);
      },
      shutdown: () => exporter.shutdown(),
    },
  };
}

function once<T>(run: (value: T) => void): (value: T) => void {
  let hasRun = false;
  return (value) => {
    if (hasRun) return;
    hasRun = true;
    run(value);
  };
}

/** Sends spans in batches, every second or when a batch is full. */
export function boundedBatches(backend: string, exporter: SpanExporter): SpanProcessor {
  const bounded = boundExport(backend, exporter);
  const batches = new BatchSpanProcessor(bounded.exporter, BATCH);
  return {
    onStart: () => undefined,
    onEnd(span) {
      if (bounded.admit()) batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  };
}
