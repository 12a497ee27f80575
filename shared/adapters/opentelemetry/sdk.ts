import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { TelemetryConfig } from '../../settings/telemetry-settings.ts';
import { traceWith } from '../../telemetry/span.ts';
import { startMetrics } from './metrics.ts';
import { createSampler } from './sampler.ts';

/** What may be sent of one attribute; a span holds at most 64, and as many events. */
const SPAN_LIMITS = { attributeValueLengthLimit: 64 * 1024, attributeCountLimit: 64, eventCountLimit: 64 };

export interface Sdk {
  /** Sends what was recorded. Resolves with whether all of it was delivered. */
  flush(): Promise<boolean>;
  metricsText(): Promise<string>;
}

/** Starts the SDK with the backends that are configured; each is loaded only then. */
export async function startSdk(config: TelemetryConfig): Promise<Sdk> {
  const backends = await Promise.all([
    config.otlp && (await import('./otlp.ts')).otlpBackend(config.otlp),
    config.langfuse && (await import('./langfuse.ts')).langfuseBackend(config.langfuse),
    config.azureMonitor && (await import('./azure-monitor.ts')).azureMonitorBackend(config.azureMonitor),
  ]);
  const wanted = backends.filter((backend) => backend !== null);
  const resource = resourceFromAttributes({
    'service.name': config.serviceName,
    'service.instance.id': config.instanceId,
    'deployment.environment.name': config.environment,
  });
  const spanProcessors = wanted.map(({ spanProcessor }) => spanProcessor);
  if (spanProcessors.length > 0) {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({
        resource,
        sampler: createSampler(config.sampleRatio),
        spanLimits: SPAN_LIMITS,
        spanProcessors,
      }),
    );
    traceWith(trace.getTracer('enterprise-ai-platform'));
  }
  const exporters = wanted.flatMap(({ metricExporter }) => metricExporter ?? []);
  const { flush, text } = startMetrics(resource, exporters, config.metrics.tenants);
  return {
    flush: async () => allDelivered([...spanProcessors.map((processor) => processor.forceFlush()), flush()]),
    metricsText: text,
  };
}

async function allDelivered(attempts: readonly ReturnType<SpanProcessor['forceFlush']>[]): Promise<boolean> {
  const results = await Promise.allSettled(attempts);
  return results.every(({ status }) => status === 'fulfilled');
}
