import type { HttpRequest, InvocationContext } from '@azure/functions';
import { type Invocation, runInvocation } from '../telemetry/invocation.ts';
import { metrics } from '../telemetry/metrics.ts';
import { type Span, startSpan } from '../telemetry/span.ts';
import { noTelemetry } from '../telemetry/telemetry.ts';
import { activeTraceId, traceIdOf } from '../telemetry/trace-context.ts';
import type { Answer, Content } from './direct-response.ts';
import type { DeclaredOperation } from './operation.ts';
import { startedTelemetry } from './started-telemetry.ts';

/** Four times the longest silence of a stream that somebody reads; see `withHeartbeat`. */
const READER_LEFT_MILLISECONDS = 60_000;

/** Answers a request as an invocation with a span, which ends with the last byte of the answer. `answer` must not throw. */
export async function runRequest(
  operation: DeclaredOperation,
  request: HttpRequest,
  { invocationId, traceContext }: InvocationContext,
  answer: () => Promise<Answer>,
): Promise<Answer> {
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
  const given = await span.within(() => runInvocation(invocation, answer));
  telemetry.ended();
  describe(span, invocation, given.status);
  metrics.requestDuration.record((performance.now() - startedAt) / 1000, {
    ...labels,
    'http.response.status_code': given.status,
  });
  if (telemetry === noTelemetry) return given;
  if (!isStream(given.content)) {
    span.end();
    return given;
  }
  const whenRead = () => {
    span.end();
    telemetry.sendSoon();
  };
  return { ...given, content: streamWithin(span, invocation, given.content, whenRead) };
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

const isStream = (content: Content | undefined): content is AsyncIterable<Uint8Array> =>
  typeof content === 'object' && Symbol.asyncIterator in content;

/** What is done for the next piece of a stream belongs to the invocation; the host asks for it after the handler has returned. */
function streamWithin(
  span: Span,
  invocation: Invocation,
  content: AsyncIterable<Uint8Array>,
  whenRead: () => void,
): AsyncIterableIterator<Uint8Array> {
  const source = content[Symbol.asyncIterator]();
  const within = <T>(run: () => T) => span.within(() => runInvocation(invocation, run));
  // Nobody says that a reader has left; the stream is just not read any more.
  const readerLeft = setTimeout(whenRead, READER_LEFT_MILLISECONDS).unref();
  const end = () => {
    clearTimeout(readerLeft);
    whenRead();
  };
  const pass = (result: IteratorResult<Uint8Array>) => {
    if (result.done) end();
    else readerLeft.refresh();
    return result;
  };
  const fail = (error: unknown) => {
    span.fail(error);
    end();
    throw error;
  };
  return {
    next: () => within(() => source.next()).then(pass, fail),
    async return() {
      await within(() => source.return?.());
      end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
