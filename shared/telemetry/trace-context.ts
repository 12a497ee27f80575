import { randomUUID } from 'node:crypto';
import { type Context, context, isSpanContextValid, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { currentInvocation } from './invocation.ts';

/** Version 00; an id of zeros only is invalid. */
const TRACEPARENT = /^00-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})$/;

/** The context of work that another process asked for, by the W3C `traceparent` that it sent; an invalid one counts as none. */
export function remoteParent(traceparent: string): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (!traceId || !spanId || !flags) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** The trace id of a W3C `traceparent`, or a new one when there is none that is valid. */
export function traceIdOf(traceparent: string | null | undefined): string {
  return TRACEPARENT.exec(traceparent ?? '')?.[1] ?? randomUUID().replaceAll('-', '');
}

/** The trace id of the running span; undefined when no backend is configured. */
export function activeTraceId(): string | undefined {
  const spanContext = trace.getSpanContext(context.active());
  return spanContext && isSpanContextValid(spanContext) ? spanContext.traceId : undefined;
}

/**
 * What to send along, so that the work which is asked for belongs to this trace. Without a configured backend it still
 * carries the trace id, by which log lines of all that follows are found.
 */
export function currentTraceparent(): string | undefined {
  const spanContext = trace.getSpanContext(context.active());
  if (spanContext && isSpanContextValid(spanContext)) {
    const flags = spanContext.traceFlags.toString(16).padStart(2, '0');
    return `00-${spanContext.traceId}-${spanContext.spanId}-${flags}`;
  }
  const traceId = currentInvocation()?.traceId;
  return traceId ? `00-${traceId}-${newSpanId()}-00` : undefined;
}

/** Of the random digits of a UUID, for which Node asks the system a hundred at a time. */
function newSpanId(): string {
  const id = randomUUID();
  return id.slice(0, 8) + id.slice(-8);
}
