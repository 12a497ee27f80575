import {
  type Span as ApiSpan,
  type Attributes,
  context,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AppError } from '../errors.ts';
import { currentInvocation } from './invocation.ts';
import type { SpanAttributes } from './span-attributes.ts';
import type { SpanEventName, SpanName } from './span-names.ts';
import { remoteParent } from './trace-context.ts';

/** A piece of work in a trace. Without a configured backend it costs next to nothing and goes nowhere. */
export interface Span {
  /** Whether anybody will see it; spares work that is only for its attributes. */
  readonly isRecording: boolean;
  set(attributes: SpanAttributes): void;
  addEvent(name: SpanEventName, attributes?: SpanAttributes): void;
  /** Runs something whose spans become children of this one. */
  within<T>(run: () => T): T;
  /** Says that the work failed, and how: the code of an AppError, or the name of another error. Never its message. */
  fail(error: unknown): void;
  failAs(type: string): void;
  end(): void;
}

export interface SpanOptions {
  /** What side of a call the span is. Left out: neither, work within the process. */
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** The W3C `traceparent` that came with the work. Left out: the span that is running. */
  readonly parent?: string | undefined;
}

let tracer: Tracer | undefined;

/** Lets spans be recorded from now on. Until then each costs a comparison. */
export function traceWith(newTracer: Tracer | undefined): void {
  tracer = newTracer;
}

/** One that goes nowhere. */
const NO_SPAN: Span = {
  isRecording: false,
  set: () => undefined,
  addEvent: () => undefined,
  within: (run) => run(),
  fail: () => undefined,
  failAs: () => undefined,
  end: () => undefined,
};

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Starts a span that its caller ends. Where the work is one promise, `withSpan` is simpler. */
export function startSpan(name: SpanName, attributes: SpanAttributes = {}, options: SpanOptions = {}): Span {
  if (!tracer) return NO_SPAN;
  const parent = options.parent === undefined ? context.active() : remoteParent(options.parent);
  const kind = options.kind ? KINDS[options.kind] : SpanKind.INTERNAL;
  const span = tracer.startSpan(name, { kind, attributes: attributes as Attributes }, parent);
  if (span.isRecording()) span.setAttributes(callerAttributes());
  return toSpan(span, trace.setSpan(parent, span));
}

/** Runs `run` as a span, which fails when it does. */
export async function withSpan<T>(
  name: SpanName,
  attributes: SpanAttributes,
  run: (span: Span) => Promise<T>,
  options?: SpanOptions,
): Promise<T> {
  if (!tracer) return await run(NO_SPAN);
  const span = startSpan(name, attributes, options);
  try {
    return await span.within(() => run(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/** Passes a stream on, whose work is done within the span; the span ends with it, also when its reader leaves. */
export async function* spanOver<T>(span: Span, values: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = values[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await span.within(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    await span.within(() => iterator.return?.());
    span.end();
  }
}

/** The span that is running; one that goes nowhere when there is none. */
export function currentSpan(): Span {
  const active = context.active();
  const span = trace.getSpan(active);
  return span ? toSpan(span, active) : NO_SPAN;
}

function toSpan(span: ApiSpan, inside: ReturnType<typeof context.active>): Span {
  const failAs = (type: string) =>
    void span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR, message: type });
  return {
    isRecording: span.isRecording(),
    set: (attributes) => void span.setAttributes(attributes as Attributes),
    addEvent: (name, attributes) => void span.addEvent(name, attributes as Attributes),
    within: (run) => context.with(inside, run),
    fail: (error) => failAs(typeOfError(error)),
    failAs,
    end: () => span.end(),
  };
}

const typeOfError = (error: unknown) =>
  error instanceof AppError ? error.code : error instanceof Error ? error.name : typeof error;

/** Who is served, on every span: backends attribute and filter by it. */
function callerAttributes(): Attributes {
  const { tenantId, userId, sessionId } = currentInvocation() ?? {};
  return { 'platform.tenant.id': tenantId, 'user.id': userId, 'session.id': sessionId };
}
