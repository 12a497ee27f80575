import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import type { AzureMonitorConfig } from '../../telemetry-config.ts';
import type { Backend } from './backend.ts';
import { boundedBatches } from './bounded-export.ts';

/** Application Insights, by the exporters alone: the distribution around them takes half a second to load. */
export function azureMonitorBackend({ connectionString }: AzureMonitorConfig): Backend {
  // What could not be sent would else be written to the instance's disk.
  const options = { connectionString, disableOfflineStorage: true };
  return {
    spanProcessor: boundedBatches('azure-monitor', new AzureMonitorTraceExporter(options)),
    metricExporter: new AzureMonitorMetricExporter(options),
  };
}
