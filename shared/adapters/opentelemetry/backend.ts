import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Somewhere that telemetry is sent to. */
export interface Backend {
  readonly spanProcessor: SpanProcessor;
  readonly metricExporter?: PushMetricExporter;
}
