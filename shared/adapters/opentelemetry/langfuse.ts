import { LangfuseSpanProcessor } from '@langfuse/otel';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { LangfuseConfig } from '../../settings/telemetry-settings.ts';
import type { Backend } from './backend.ts';
import { boundExport } from './bounded-export.ts';
import { createOtlpExporter } from './otlp-exporter.ts';

/** Langfuse, which gets what models and tools did: sessions, users and generations. Not the plumbing around them. */
export function langfuseBackend(config: LangfuseConfig): Backend {
  const { baseUrl, publicKey, secretKey, environment } = config;
  const target = {
    url: `${baseUrl}/api/public/otel/v1/traces`,
    headers: {
      authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
      'x-langfuse-ingestion-version': '4',
    },
  };
  const { admit, exporter } = boundExport(
    'langfuse',
    createOtlpExporter<ReadableSpan[]>(target, (spans) => JsonTraceSerializer.serializeRequest(spans)),
  );
  return {
    spanProcessor: new LangfuseSpanProcessor({
      publicKey,
      secretKey,
      baseUrl,
      environment,
      exporter,
      flushInterval: 1,
      flushAt: 256,
      mediaUploadEnabled: false,
      // Asked when a span starts, to find the topmost that it will get, and once more when it has ended.
      shouldExportSpan: ({ otelSpan }) => isOperation(otelSpan) && (!otelSpan.ended || admit()),
    }),
  };
}

/** A turn, a call of a model or a tool, a search; not each attempt at a deployment, whose tokens are those of its call. */
const isOperation = ({ attributes }: ReadableSpan) => 'gen_ai.operation.name' in attributes;
