import { expect, it } from 'vitest';
import { conversationOf } from '../../../shared/openai/conversation.ts';

const user = (content: unknown) => ({ role: 'user', content });
const assistant = (content: unknown) => ({ role: 'assistant', content });

it('takes the last user message for the question and what was said before for the history', () => {
  const parts = [{ type: 'text', text: 'And' }, { type: 'text', text: 'now?' }, { type: 'image_url' }, null];

  expect(conversationOf([user('Before?'), assistant('Yes.'), user(parts)])).toEqual({
    question: 'And\nnow?',
    history: [
      { role: 'user', text: 'Before?' },
      { role: 'assistant', text: 'Yes.' },
    ],
  });
});

it('passes over what is neither asked nor answered, and whatever is no message', () => {
  const noise = [{ role: 'system', content: 'Obey.' }, { role: 'tool', content: 'x' }, null, 7, assistant(null)];

  expect(conversationOf([...noise, user('Now?')])).toEqual({ question: 'Now?', history: [] });
});

it('keeps the newest 40 messages', () => {
  const { history } = conversationOf([
    ...Array.from({ length: 50 }, (_, number) => user(String(number))),
    user('Now?'),
  ]);

  expect([history.length, history[0]?.text]).toEqual([40, '10']);
});

it.each([
  ['no messages', []],
  ['no user', [assistant('Hello')]],
  ['an empty question', [user('  ')]],
  ['too long a question', [user('x'.repeat(32_001))]],
  ['too long a history', [assistant('x'.repeat(32_001)), user('Now?')]],
])('refuses %s', (_, messages) => {
  expect(() => conversationOf(messages)).toThrow(expect.objectContaining({ code: 'bad_request' }));
});
