import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import {
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { countWith } from '../../telemetry/instrument.ts';
import { nameTenants } from '../../telemetry/tenant-label.ts';

const EXPORT_EVERY_MILLISECONDS = 15_000;
const EXPORT_TIMEOUT_MILLISECONDS = 5_000;
/** Series of one instrument; labels are bounded by what they are, and this is what holds if one is not. */
const MAX_SERIES = 1_000;
const limits = { cardinalitySelector: () => MAX_SERIES };

/** Keeps metrics until somebody asks for them. */
class PullReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

interface StartedMetrics {
  flush(): Promise<void>;
  /** Prometheus' text format. */
  text(): Promise<string>;
}

/** Makes the instruments of the platform count, to be asked for and to be pushed. */
export function startMetrics(
  resource: Resource,
  exporters: readonly PushMetricExporter[],
  namedTenants: readonly string[],
): StartedMetrics {
  const pull = new PullReader(limits);
  const push = exporters.map(
    (exporter) =>
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: EXPORT_EVERY_MILLISECONDS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MILLISECONDS,
        ...limits,
      }),
  );
  const provider = new MeterProvider({ resource, readers: [pull, ...push] });
  nameTenants(namedTenants);
  countWith(provider.getMeter('enterprise-ai-platform'));
  const serializer = new PrometheusSerializer();
  return {
    flush: async () => void (await Promise.all(push.map((reader) => reader.forceFlush()))),
    async text() {
      const { resourceMetrics } = await pull.collect();
      return serializer.serialize(resourceMetrics);
    },
  };
}
