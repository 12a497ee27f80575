import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { runInvocation } from '../../../shared/telemetry/invocation.ts';
import { currentSpan, spanOver, startSpan, withSpan } from '../../../shared/telemetry/span.ts';
import { activeTraceId, currentTraceparent } from '../../../shared/telemetry/trace-context.ts';
import { pathsOf, recordSpans } from './recorded-spans.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const invocation = { functionName: 'chat', invocationId: 'i', traceId: TRACE_ID, tenantId: 'ten_1', userId: 'u1' };

async function* words() {
  for (const word of ['one', 'two']) yield await withSpan('route', {}, async () => word);
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

describe('without a backend', () => {
  it('runs the work, and passes errors and streams on', async () => {
    expect(await withSpan('reserve', {}, async (span) => span.isRecording)).toBe(false);
    await expect(withSpan('reserve', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await collect(spanOver(startSpan('chat gpt'), words()))).toEqual(['one', 'two']);
    expect(() => currentSpan().set({ 'platform.attempt': 1 })).not.toThrow();
  });

  it('still sends the trace id along, by which log lines are found', () => {
    expect(currentTraceparent()).toBeUndefined();
    expect(runInvocation(invocation, currentTraceparent)).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`));
    expect(activeTraceId()).toBeUndefined();
  });
});

describe('with a backend', () => {
  let recorded: ReturnType<typeof recordSpans>;
  beforeAll(() => {
    recorded = recordSpans();
  });
  afterEach(() => recorded.forget());

  it('nests what runs within, over awaits and streams, and says whose it is', async () => {
    await runInvocation(invocation, () =>
      withSpan('POST /api/v1/chat', {}, async () => {
        await withSpan('authenticate', {}, async () => undefined);
        await collect(spanOver(startSpan('chat gpt', { 'gen_ai.operation.name': 'chat' }), words()));
      }),
    );
    expect(pathsOf(recorded.spans())).toEqual([
      'POST /api/v1/chat > authenticate',
      'POST /api/v1/chat > chat gpt > route',
      'POST /api/v1/chat > chat gpt > route',
      'POST /api/v1/chat > chat gpt',
      'POST /api/v1/chat',
    ]);
    for (const { attributes } of recorded.spans()) {
      expect(attributes).toMatchObject({ 'platform.tenant.id': 'ten_1', 'user.id': 'u1' });
    }
  });

  it('says how work failed, but not in what words', async () => {
    const secret = 'password=hunter2';
    await expect(withSpan('reserve', {}, () => Promise.reject(new TypeError(secret)))).rejects.toThrow();
    await expect(
      withSpan('persist', {}, () => Promise.reject(new AppError('upstream_failed', secret))),
    ).rejects.toThrow();
    expect(recorded.spans().map(({ status, attributes }) => [status.code, attributes['error.type']])).toEqual([
      [2, 'TypeError'],
      [2, 'upstream_failed'],
    ]);
    expect(
      JSON.stringify(recorded.spans().map(({ attributes, events, status }) => [attributes, events, status])),
    ).not.toContain('hunter2');
  });

  it('ends the span of a stream whose reader leaves', async () => {
    let isClosed = false;
    async function* endless() {
      try {
        for (;;) yield 1;
      } finally {
        isClosed = true;
      }
    }
    for await (const _ of spanOver(startSpan('chat gpt'), endless())) break;
    expect(isClosed).toBe(true);
    expect(recorded.spans()).toHaveLength(1);
  });

  it('continues the trace of a caller, and begins one for nonsense', async () => {
    const parent = `00-${TRACE_ID}-b7ad6b7169203331-01`;
    await withSpan('process chunk-embed', {}, async () => undefined, { kind: 'consumer', parent });
    await withSpan('process chunk-embed', {}, async () => undefined, { parent: '00-zz-1-01' });
    const [continued, begun] = recorded.spans();
    expect(continued?.spanContext().traceId).toBe(TRACE_ID);
    expect(continued?.parentSpanContext).toMatchObject({ spanId: 'b7ad6b7169203331', isRemote: true });
    expect(begun?.parentSpanContext).toBeUndefined();
    expect(begun?.spanContext().traceId).not.toBe(TRACE_ID);
  });

  it('sends the running span along as the parent of what follows', async () => {
    const sent = await withSpan('POST /api/v1/chat', {}, async () => currentTraceparent());
    const [span] = recorded.spans();
    expect(sent).toBe(`00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`);
  });
});
