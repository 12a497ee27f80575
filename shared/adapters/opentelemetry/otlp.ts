import { JsonMetricsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { OtlpConfig } from '../../settings/telemetry-settings.ts';
import type { Backend } from './backend.ts';
import { boundedBatches } from './bounded-export.ts';
import { createOtlpExporter } from './otlp-exporter.ts';

/** A collector that takes OTLP over HTTP: traces and metrics. */
export function otlpBackend({ endpoint, headers }: OtlpConfig): Backend {
  const traces = { url: `${endpoint}/v1/traces`, headers };
  const metrics = { url: `${endpoint}/v1/metrics`, headers };
  return {
    spanProcessor: boundedBatches(
      'otlp',
      createOtlpExporter<ReadableSpan[]>(traces, (spans) => JsonTraceSerializer.serializeRequest(spans)),
    ),
    metricExporter: createOtlpExporter<ResourceMetrics>(metrics, (all) => JsonMetricsSerializer.serializeRequest(all)),
  };
}
