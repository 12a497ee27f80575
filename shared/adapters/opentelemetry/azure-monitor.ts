import {
  type AzureMonitorExporterOptions,
  AzureMonitorMetricExporter,
  AzureMonitorTraceExporter,
} from '@azure/monitor-opentelemetry-exporter';
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { AzureMonitorConfig } from '../../settings/telemetry-settings.ts';
import type { Backend } from './backend.ts';
import { boundedBatches } from './bounded-export.ts';

const TIMEOUT_MILLISECONDS = 2_000;

type PipelinePolicy = NonNullable<AzureMonitorExporterOptions['additionalPolicies']>[number]['policy'];

/** Application Insights, by the exporters alone: the distribution around them takes half a second to load. */
export function azureMonitorBackend({ connectionString }: AzureMonitorConfig): Backend {
  const options: AzureMonitorExporterOptions = {
    connectionString,
    // What could not be sent would else be written to the instance's disk.
    disableOfflineStorage: true,
    retryOptions: { maxRetries: 1, maxRetryDelayInMs: 500 },
    additionalPolicies: [{ policy: deadline, position: 'perRetry' }],
  };
  return {
    spanProcessor: boundedBatches('azure-monitor', belowTheHost(new AzureMonitorTraceExporter(options))),
    metricExporter: new AzureMonitorMetricExporter(options),
  };
}

/** By itself the exporter waits forever. */
const deadline: PipelinePolicy = {
  name: 'deadline',
  sendRequest(request, next) {
    request.timeout = TIMEOUT_MILLISECONDS;
    return next(request);
  },
};

/**
 * The Functions host reports each call as a request by itself as soon as the connection string is set. Ours become work
 * within it, so that requests are not counted twice.
 */
function belowTheHost(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(asWork), done),
    shutdown: () => exporter.shutdown(),
  };
}

const INCOMING: readonly SpanKind[] = [SpanKind.SERVER, SpanKind.CONSUMER];

const asWork = (span: ReadableSpan): ReadableSpan =>
  INCOMING.includes(span.kind) ? Object.create(span, { kind: { value: SpanKind.INTERNAL } }) : span;
