import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { type Invocation, runInvocation } from '../telemetry/invocation.ts';
import { metrics } from '../telemetry/metrics.ts';
import { type Span, startSpan } from '../telemetry/span.ts';
import { activeTraceId, traceIdOf } from '../telemetry/trace-context.ts';
import type { DeclaredOperation } from './operation.ts';
import { startedTelemetry } from './started-telemetry.ts';

/** Four times the longest silence of a stream that somebody reads; see `withHeartbeat`. */
const READER_LEFT_MILLISECONDS = 60_000;

/** Answers a request as an invocation with a span, which ends with the last byte of the answer. `answer` must not throw. */
export async function runRequest(
  operation: DeclaredOperation,
  request: HttpRequest,
  { invocationId, traceContext }: InvocationContext,
  answer: () => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
  const { name, method, route } = operation;
  const telemetry = await startedTelemetry();
  const startedAt = performance.now();
  const parent = request.headers.get('traceparent') ?? traceContext?.traceParent;
  const labels = { 'http.request.method': method, 'http.route': `/${route}` };
  const span = startSpan(
    `${method} /${route}`,
    { ...labels, 'faas.name': name, 'faas.invocation_id': invocationId, 'faas.trigger': 'http' },
    { kind: 'server', parent },
  );
  const traceId = span.within(activeTraceId) ?? traceIdOf(parent);
  const invocation: Invocation = { functionName: name, invocationId, traceId };

  telemetry.began();
  const response = await span.within(() => runInvocation(invocation, answer));
  telemetry.ended();
  const status = response.status ?? 200;
  describe(span, invocation, status);
  metrics.requestDuration.record((performance.now() - startedAt) / 1000, {
    ...labels,
    'http.response.status_code': status,
  });
  if (!isStream(response.body)) {
    span.end();
    return response;
  }
  const whenRead = () => {
    span.end();
    telemetry.sendSoon();
  };
  return { ...response, body: streamWithin(span, invocation, response.body, whenRead) };
}

function describe(span: Span, { tenantId, userId, sessionId }: Invocation, status: number): void {
  if (!span.isRecording) return;
  span.set({
    'http.response.status_code': status,
    ...(tenantId && { 'platform.tenant.id': tenantId }),
    ...(userId && { 'user.id': userId }),
    ...(sessionId && { 'session.id': sessionId }),
  });
  if (status >= 500) span.failAs(String(status));
}

type Body = HttpResponseInit['body'];

const isStream = (body: Body): body is AsyncIterable<Uint8Array> & Body =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/** What is done for the next piece of a stream belongs to the invocation; the host asks for it after the handler has returned. */
async function* streamWithin(
  span: Span,
  invocation: Invocation,
  body: AsyncIterable<Uint8Array>,
  whenRead: () => void,
): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  const within = <T>(run: () => T) => span.within(() => runInvocation(invocation, run));
  // Nobody says that a reader has left; the stream is just not read any more.
  const readerLeft = setTimeout(whenRead, READER_LEFT_MILLISECONDS).unref();
  try {
    for (;;) {
      const next = await within(() => iterator.next());
      if (next.done) return;
      readerLeft.refresh();
      yield next.value;
    }
  } finally {
    clearTimeout(readerLeft);
    await within(() => iterator.return?.());
    whenRead();
  }
}
