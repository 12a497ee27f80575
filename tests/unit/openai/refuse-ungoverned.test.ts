import { describe, expect, it } from 'vitest';
import { ChatCompletionRequest } from '../../../shared/contracts/openai.ts';
import { refuseUngoverned } from '../../../shared/openai/refuse-ungoverned.ts';

const said = (content: unknown) => ({
  messages: [{ role: 'user', content: 'Hello' }, null, { role: 'user', content }],
});
const check = (fields: object) =>
  refuseUngoverned(ChatCompletionRequest.parse({ model: 'any', ...said('Hello'), ...fields }));

describe('a chat completion', () => {
  it.each<[string, string, object]>([
    [
      'a search with the rights of the service',
      'data_sources',
      {
        data_sources: [
          { type: 'azure_search', parameters: { authentication: { type: 'system_assigned_managed_identity' } } },
        ],
      },
    ],
    ['the same as it was called before', 'dataSources', { dataSources: [{ type: 'AzureCognitiveSearch' }] }],
    ['a search of the web', 'web_search_options', { web_search_options: {} }],
    ['a tool of the service', 'tools[1]', { tools: [{ type: 'function' }, { type: 'mcp', server_url: 'http://in' }] }],
    ['filters that nothing is searched by', 'platform.filters', { platform: { filters: { sources: ['drop'] } } }],
    ['to be kept', 'store', { store: true }],
    ['a price that is not known', 'service_tier', { service_tier: 'priority' }],
    [
      'an image from inside',
      'messages[2].content',
      said([{ type: 'image_url', image_url: { url: 'http://169.254.169.254/latest' } }]),
    ],
    [
      'an image, in short',
      'messages[2].content',
      said([{ type: 'image_url', image_url: 'https://example.org/a.png' }]),
    ],
    ['a file of somebody', 'messages[2].content', said([{ type: 'file', file: { file_id: 'file-1' } }])],
  ])('may not ask for %s', (_, param, fields) => {
    expect(() => check(fields)).toThrow(expect.objectContaining({ code: 'bad_request', details: { param } }));
  });

  it.each([
    {},
    { tools: [{ type: 'function', function: { name: 'f' } }, { type: 'custom' }] },
    { platform: {} },
    { store: false, service_tier: 'auto', metadata: { a: 'b' }, top_k: 3 },
    said([{ type: 'text', text: 'https://example.org' }, null, 'text']),
    said([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }]),
    said([{ type: 'file', file: { file_data: 'data:application/pdf;base64,AA' } }]),
  ])('may ask for the rest: %j', (fields) => {
    expect(() => check(fields)).not.toThrow();
  });
});
