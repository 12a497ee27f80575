import { afterEach, beforeAll, expect, it } from 'vitest';
import { countWith } from '../../../shared/telemetry/instrument.ts';
import { traceToolCall } from '../../../shared/tools/trace-tool-call.ts';
import { recordSpans } from '../telemetry/recorded-spans.ts';

let recorded: ReturnType<typeof recordSpans>;
beforeAll(() => {
  recorded = recordSpans();
});
afterEach(() => recorded.forget());

it('says which tool was called and how that ended, not with or for what', async () => {
  const outcome = await traceToolCall('calculator', async () => ({ status: 'done', result: { text: '4711' } }));
  expect(outcome).toEqual({ status: 'done', result: { text: '4711' } });
  expect(recorded.spans()[0]).toMatchObject({
    name: 'execute_tool calculator',
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'calculator',
      'platform.tool.outcome': 'done',
    },
  });
  expect(JSON.stringify(recorded.spans()[0]?.attributes)).not.toContain('4711');
});

it('marks a tool that failed, though the turn goes on', async () => {
  await traceToolCall('http_get', async () => ({ status: 'failed', reason: 'No such host.' }));
  expect(recorded.spans()[0]).toMatchObject({ status: { code: 2, message: 'tool_failed' } });
});

it('measures remote tools together, whose names are anything and not for all to read', async () => {
  const labels: unknown[] = [];
  countWith({ createHistogram: () => ({ record: (_: number, of: unknown) => labels.push(of) }) } as never);
  for (const name of ['calculator', 'payroll__salary_of_the_director']) {
    await traceToolCall(name, async () => ({ status: 'done' }));
  }
  countWith(undefined);
  expect(labels).toEqual([
    { tool: 'calculator', outcome: 'done' },
    { tool: 'remote', outcome: 'done' },
  ]);
});
