import { expect, it } from 'vitest';
import { textOfResult } from '../../../shared/adapters/mcp/result-text.ts';

it('gives text, links and embedded texts, and names what is left out', () => {
  const text = textOfResult({
    content: [
      { type: 'text', text: 'Two files:' },
      { type: 'resource', resource: { uri: 'file:///a.md', text: '# A' } },
      { type: 'resource', resource: { uri: 'file:///b.pdf', blob: 'AAAA', mimeType: 'application/pdf' } },
      { type: 'resource_link', name: 'c', uri: 'https://files.example/c' },
      { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
    ],
  });

  expect(text.split('\n')).toEqual([
    'Two files:',
    '# A',
    '(application/pdf was left out: only text can be read here.)',
    '(A link to c: https://files.example/c)',
    '(audio/wav was left out: only text can be read here.)',
  ]);
});

it('gives structured content once, and not its copy as text', () => {
  const structuredContent = { total: 2 };
  const content = [{ type: 'text' as const, text: '{"total":2}' }];
  expect(textOfResult({ content, structuredContent })).toBe('{"total":2}');
});

it('gives nothing for an empty result', () => {
  expect(textOfResult({ content: [] })).toBe('');
});
