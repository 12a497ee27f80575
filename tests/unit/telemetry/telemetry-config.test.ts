import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../shared/config.ts';

const needed = {
  COSMOS_ENDPOINT: 'https://127.0.0.1:1',
  PlatformStorage: 'UseDevelopmentStorage=true',
  QDRANT_URL: 'http://127.0.0.1:2',
  AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:3',
  AUTH_AUDIENCES: 'api',
  AUTH_CLIENT_IDS: 'client',
};
const telemetryOf = (settings: Record<string, string>) => loadConfig({ ...needed, ...settings }).telemetry;

function problemsOf(settings: Record<string, string>): readonly string[] {
  try {
    telemetryOf(settings);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}

describe('the settings of telemetry', () => {
  it('send nothing anywhere unless something is set', () => {
    expect(telemetryOf({})).toMatchObject({
      otlp: null,
      langfuse: null,
      azureMonitor: null,
      sampleRatio: 1,
      metrics: { key: undefined, tenants: [] },
    });
  });

  it('read headers as OpenTelemetry writes them', () => {
    const OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Basic%20YQ==, x-team=a%2Cb';
    const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/', OTEL_EXPORTER_OTLP_HEADERS };
    expect(telemetryOf(settings).otlp).toEqual({
      endpoint: 'http://127.0.0.1:4318',
      headers: { authorization: 'Basic YQ==', 'x-team': 'a,b' },
    });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=hunter2%zz' }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x key=hunter2' }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=hunter2%0d%0ax-other=1' }],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }],
    [{ METRICS_KEY: 'hunter2' }],
    [{ LANGFUSE_SECRET_KEY: 'hunter2' }],
    [{ DEPLOYMENT_ENVIRONMENT: 'hunter2 in CAPITALS' }],
  ])('name what is wrong, without its value: %o', (settings) => {
    const problems = problemsOf(settings);
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain('hunter2');
  });
});
