import { z } from 'zod';
import { list, secret, url } from './setting-types.ts';

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** `name=value,name=value`, with values as in a URL, as OpenTelemetry's specification has it. */
const headerList = secret.transform((list, context) => {
  try {
    const headers = list.split(',').map((pair): [string, string] => {
      const [name = '', encoded = ''] = pair.trim().split(/=(.*)/s, 2);
      const value = decodeURIComponent(encoded);
      if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value) || !pair.includes('=')) throw new URIError();
      return [name, value];
    });
    return Object.fromEntries(headers);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be name=value pairs, with values encoded as in a URL' });
    return z.NEVER;
  }
});

/** The settings of traces and metrics. */
export const telemetrySettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url
    .optional()
    .describe('Collector that gets traces and metrics by OTLP over HTTP (JSON)'),
  OTEL_EXPORTER_OTLP_HEADERS: headerList.optional().describe('Headers for it: `name=value`, separated by commas'),
  OTEL_SERVICE_NAME: z.string().default('enterprise-ai-platform').describe('Name of the app in traces and metrics'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1).describe('Share of traces to record, 0 to 1'),
  LANGFUSE_BASE_URL: url.default('https://cloud.langfuse.com').describe('Langfuse, for what models and tools do'),
  LANGFUSE_PUBLIC_KEY: z.string().optional().describe('Its public key. Left out, nothing is sent there'),
  LANGFUSE_SECRET_KEY: secret.optional().describe('Its secret key'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: secret.optional().describe('Application Insights, for traces and metrics'),
  DEPLOYMENT_ENVIRONMENT: z
    .string()
    .regex(/^[a-z0-9_-]{1,40}$/, 'must be lower-case letters, digits, dashes and underscores')
    .default('default')
    .describe('Tells environments apart in traces'),
  METRICS_KEY: z
    .string()
    .min(16)
    .meta({ secret: true })
    .optional()
    .describe('What a scraper of `/metrics` must send. Left out, there is no such route'),
  METRICS_TENANTS: list.default([]).describe('Tenants that metrics tell apart; all others are `other`'),
};
type Values = z.infer<z.ZodObject<typeof telemetrySettings>> & { readonly WEBSITE_INSTANCE_ID?: string | undefined };

export interface OtlpConfig {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LangfuseConfig {
  readonly baseUrl: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly environment: string;
}

export interface AzureMonitorConfig {
  readonly connectionString: string;
}

export interface TelemetryConfig {
  readonly serviceName: string;
  readonly instanceId: string;
  readonly environment: string;
  /** Share of traces to record. */
  readonly sampleRatio: number;
  readonly otlp: OtlpConfig | null;
  readonly langfuse: LangfuseConfig | null;
  readonly azureMonitor: AzureMonitorConfig | null;
  readonly metrics: { readonly key: string | undefined; readonly tenants: readonly string[] };
}

/** The part of the configuration that says where traces and metrics go. */
export function telemetryConfig(settings: Values): TelemetryConfig {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers } = settings;
  const { LANGFUSE_PUBLIC_KEY: publicKey, LANGFUSE_SECRET_KEY: secretKey, LANGFUSE_BASE_URL: baseUrl } = settings;
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString, DEPLOYMENT_ENVIRONMENT: environment } = settings;
  return {
    serviceName: settings.OTEL_SERVICE_NAME,
    instanceId: settings.WEBSITE_INSTANCE_ID ?? `process-${process.pid}`,
    environment,
    sampleRatio: settings.OTEL_TRACES_SAMPLER_ARG,
    otlp: endpoint ? { endpoint, headers: headers ?? {} } : null,
    langfuse: publicKey && secretKey ? { baseUrl, publicKey, secretKey, environment } : null,
    azureMonitor: connectionString ? { connectionString } : null,
    metrics: { key: settings.METRICS_KEY, tenants: settings.METRICS_TENANTS },
  };
}
