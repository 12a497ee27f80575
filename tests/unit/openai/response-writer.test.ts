import { expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { AnswerEvent } from '../../../shared/openai/answer-event.ts';
import { responseEvents } from '../../../shared/openai/response-events.ts';
import { createResponseWriter } from '../../../shared/openai/response-writer.ts';

const usage = { inputTokens: 7, cachedInputTokens: 2, outputTokens: 3 };
const finish = (reason: 'stop' | 'length' | 'tool_calls'): AnswerEvent => ({ type: 'finish', reason, usage });

interface Told {
  readonly type: string;
  readonly sequence_number: number;
  readonly item?: { readonly status: string; readonly content?: readonly unknown[] };
  readonly response?: { readonly status: string; readonly output: readonly object[]; readonly usage: object | null };
}

async function tell(...events: (AnswerEvent | Error)[]): Promise<Told[]> {
  let ids = 0;
  const newId = (prefix: string) => `${prefix}_${++ids}`;
  const writer = createResponseWriter({ model: 'm', input: 'Hello' }, { id: 'resp_1', createdAt: 1, newId });
  async function* told(): AsyncGenerator<AnswerEvent> {
    for (const event of events) {
      if (event instanceof Error) throw event;
      yield event;
    }
  }
  let text = '';
  for await (const bytes of responseEvents(writer, told())) text += Buffer.from(bytes).toString();
  const frames = text.split('\n\n').filter(Boolean);
  return frames.map((frame) => {
    const [name = '', data = ''] = frame.split('\n');
    const event = JSON.parse(data.replace('data: ', '')) as Told;
    expect(name).toBe(`event: ${event.type}`);
    return event;
  });
}

it('tells a text in the order that OpenAI tells it', async () => {
  const told = await tell({ type: 'text', text: 'Hello ' }, { type: 'text', text: 'you.' }, finish('stop'));

  expect(told.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
  expect(told.map(({ sequence_number }) => sequence_number)).toEqual(told.map((_, index) => index));
  expect(told[2]?.item).toMatchObject({ status: 'in_progress', content: [] });
  expect(told.at(-1)?.response).toMatchObject({
    status: 'completed',
    output: [{ type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'Hello you.' }] }],
    usage: { input_tokens: 7, input_tokens_details: { cached_tokens: 2 }, output_tokens: 3, total_tokens: 10 },
  });
});

it('puts calls after the text, each an item of its own', async () => {
  const told = await tell(
    { type: 'text', text: 'Looking.' },
    { type: 'tool-call', index: 0, id: 'c0', name: 'look', arguments: '' },
    { type: 'tool-call', index: 0, arguments: '{"at":' },
    { type: 'tool-call', index: 0, arguments: '1}' },
    { type: 'tool-call', index: 1, id: 'c1', name: 'look', arguments: '{}' },
    finish('tool_calls'),
  );

  expect(told.at(-1)?.response?.output).toMatchObject([
    { type: 'message', status: 'completed' },
    { type: 'function_call', call_id: 'c0', name: 'look', arguments: '{"at":1}', status: 'completed' },
    { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}', status: 'completed' },
  ]);
  expect(told.filter(({ type }) => type === 'response.output_item.added')).toHaveLength(3);
  expect(told.filter(({ type }) => type === 'response.output_item.done')).toHaveLength(3);
  expect(told.filter(({ type }) => type === 'response.function_call_arguments.delta')).toHaveLength(3);
});

it('tells a refusal apart from a text', async () => {
  const told = await tell({ type: 'refusal', text: 'I will ' }, { type: 'refusal', text: 'not.' }, finish('stop'));

  expect(told.map(({ type }) => type)).toContain('response.refusal.done');
  expect(told.at(-1)?.response?.output).toMatchObject([{ content: [{ type: 'refusal', refusal: 'I will not.' }] }]);
});

it('says that an answer is incomplete, and why', async () => {
  const told = await tell({ type: 'text', text: 'Once upon' }, finish('length'));

  expect(told.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  });
});

it('ends with an error event when the model fails in the middle', async () => {
  const told = await tell(
    { type: 'text', text: 'Once' },
    new AppError('upstream_failed', 'The model failed. Try again.'),
  );

  expect(told.at(-1)).toMatchObject({
    type: 'error',
    code: 'upstream_failed',
    message: 'The model failed. Try again.',
  });
});
