import { expect, it } from 'vitest';
import { ResponsesRequest } from '../../../shared/contracts/openai.ts';
import { isAppError } from '../../../shared/errors.ts';
import { toChatRequest } from '../../../shared/openai/responses-to-chat.ts';

const translate = (fields: object) => toChatRequest(ResponsesRequest.parse({ model: 'm', ...fields }));

function refusalOf(fields: object) {
  try {
    translate({ input: 'Hello', ...fields });
  } catch (error) {
    if (isAppError(error)) return { code: error.code, param: error.details?.param };
  }
  return null;
}

it('makes instructions and a text two messages', () => {
  expect(translate({ instructions: 'Be brief.', input: 'Hello' }).messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
  ]);
});

it('translates a conversation with images, calls made at once and what came of them', () => {
  const { messages } = translate({
    input: [
      { role: 'developer', content: 'Be kind.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is it?' },
          { type: 'input_image', image_url: 'data:x' },
        ],
      },
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me look.' }] },
      { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"at":1}' },
      { type: 'function_call', call_id: 'c2', name: 'look', arguments: '{"at":2}' },
      { type: 'function_call_output', call_id: 'c1', output: 'a cat' },
      { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'a dog' }] },
    ],
  });
  const call = (id: string, at: number) => ({
    id,
    type: 'function',
    function: { name: 'look', arguments: `{"at":${at}}` },
  });

  expect(messages).toEqual([
    { role: 'developer', content: 'Be kind.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url: 'data:x' } },
      ],
    },
    {
      role: 'assistant',
      content: [{ type: 'text', text: 'Let me look.' }],
      tool_calls: [call('c1', 1), call('c2', 2)],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
    { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'a dog' }] },
  ]);
});

it('translates tools, formats and limits, and passes on nothing that it does not know', () => {
  const schema = { type: 'object', properties: {} };
  const request = translate({
    input: 'Hello',
    stream: true,
    max_output_tokens: 9,
    reasoning: { effort: 'low' },
    tools: [{ type: 'function', name: 'look', parameters: schema, strict: true }],
    tool_choice: { type: 'function', name: 'look' },
    text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
    some_new_field: 1,
  });

  expect(request).toEqual({
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: 'Hello' }],
    max_completion_tokens: 9,
    reasoning_effort: 'low',
    tools: [{ type: 'function', function: { name: 'look', parameters: schema, strict: true } }],
    tool_choice: { type: 'function', function: { name: 'look' } },
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
  });
});

it.each([
  [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
  [{ store: true }, 'store'],
  [{ background: true }, 'background'],
  [{ conversation: 'conv_1' }, 'conversation'],
  [{ prompt: { id: 'p' } }, 'prompt'],
  [{ truncation: 'auto' }, 'truncation'],
  [{ top_logprobs: 2 }, 'top_logprobs'],
  [{ include: ['file_search_call.results'] }, 'include'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[0]'],
  [{ tool_choice: { type: 'file_search' } }, 'tool_choice'],
  [{ text: { format: { type: 'grammar' } } }, 'text.format'],
  [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
  [{ input: [{ role: 'root', content: 'Hello' }] }, 'input[0]'],
  [{ input: [{ role: 'user' }] }, 'input[0]'],
  [{ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }, 'input[0].content[0]'],
  [{ input: [{ role: 'user', content: [null] }] }, 'input[0].content[0]'],
])('refuses %j and names what it cannot do', (fields, param) => {
  expect(refusalOf(fields)).toEqual({ code: 'bad_request', param });
});

it('takes what clients send by habit', () => {
  const habits = { store: false, truncation: 'disabled', include: ['reasoning.encrypted_content'], background: false };

  expect(refusalOf({ ...habits, previous_response_id: null, tools: [], metadata: { a: 'b' } })).toBeNull();
});
