import type { InvocationContext } from '@azure/functions';
import { runInvocation } from '../telemetry/invocation.ts';
import { withSpan } from '../telemetry/span.ts';
import type { SpanAttributes } from '../telemetry/span-attributes.ts';
import type { SpanName } from '../telemetry/span-names.ts';
import { activeTraceId, traceIdOf } from '../telemetry/trace-context.ts';
import { startedTelemetry } from './started-telemetry.ts';

export interface Work {
  readonly functionName: string;
  readonly context: InvocationContext;
  readonly spanName: SpanName;
  readonly kind?: 'consumer';
  readonly attributes: SpanAttributes;
  /** The `traceparent` of what asked for the work. */
  readonly parent: string | undefined;
}

/** Runs what no caller waits for as an invocation with a span, and sends what it recorded while the host still waits for it. */
export async function runWork(work: Work, run: () => Promise<void>): Promise<void> {
  const { functionName, context, spanName, kind, parent } = work;
  const { invocationId } = context;
  const telemetry = await startedTelemetry();
  const attributes = { ...work.attributes, 'faas.name': functionName, 'faas.invocation_id': invocationId };
  telemetry.began();
  try {
    await withSpan(
      spanName,
      attributes,
      () => runInvocation({ functionName, invocationId, traceId: activeTraceId() ?? traceIdOf(parent) }, run),
      { ...(kind && { kind }), parent },
    );
  } finally {
    telemetry.ended();
    await telemetry.flush();
  }
}
