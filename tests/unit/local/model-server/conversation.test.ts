import { describe, expect, it } from 'vitest';
import { standaloneQuestion, titleOf } from '../../../../local/emulators/model-server/conversation-tasks.ts';
import { passagesOf, withoutPassages } from '../../../../local/emulators/model-server/passages.ts';
import { sentencesOf } from '../../../../local/emulators/model-server/sentences.ts';
import { fittingValue } from '../../../../local/emulators/model-server/structured-output.ts';

const user = (content: string) => ({ role: 'user' as const, content });

describe('passages of a prompt', () => {
  const prompt =
    'Answer from these:\n<passage id="2" title="A &quot;B&quot;" section="C &gt; D">\n1 &lt; 2 &amp; 3\n</passage>\nQuestion';

  it('are read with their attributes and without their escapes', () => {
    expect(passagesOf(prompt)).toEqual([{ id: '2', title: 'A "B"', section: 'C > D', text: '\n1 < 2 & 3\n' }]);
  });

  it('leave the question, wherever it stands', () => {
    expect(withoutPassages(prompt)).toBe('Question');
    expect(withoutPassages('What?\n<passages><passage id="1">text</passage></passages>')).toBe('What?');
  });
});

describe('sentences', () => {
  it('survive wrapped lines, abbreviations, lists and tables', () => {
    const text = [
      'The limit, e.g. for Dr. Smith, applies to everybody who travels',
      'for the company. It is low.',
      '',
      'You need:',
      '- a badge',
      '- a PIN',
      '',
      'Room      Seats',
      'Isar      16',
    ].join('\n');
    expect(sentencesOf(text).map((sentence) => sentence.text)).toEqual([
      'The limit, e.g. for Dr. Smith, applies to everybody who travels for the company.',
      'It is low.',
      'You need: a badge; a PIN',
      'You need: a badge',
      'You need: a PIN',
      'Room: Isar; Seats: 16',
    ]);
  });
});

describe('the small tasks of a conversation', () => {
  it('makes a title of the main words', () => {
    expect(titleOf('How much can I spend on dinner in Paris?')).toBe('Spend dinner Paris');
    expect(titleOf('')).toBe('New conversation');
  });

  it('completes a follow-up question with the words it leaves out', () => {
    const messages = [user('How much can I spend on dinner in Paris?'), user('And for lunch?')];
    expect(standaloneQuestion(messages)).toBe('And for lunch (dinner, Paris)?');
    expect(
      standaloneQuestion([user('User: What does E47 mean?\nAssistant: A relay.\nUser: How do I repair it?')]),
    ).toBe('How do I repair it (E47)?');
  });

  it('leaves a question alone that needs no other', () => {
    const question = 'How many days of parental leave does a father receive?';
    expect(standaloneQuestion([user('What is E47?'), user(question)])).toBe(question);
  });
});

describe('structured output', () => {
  it('fits the schema and puts the answer into its strings', () => {
    const schema = {
      type: 'object',
      properties: {
        answer: { type: 'string' },
        score: { type: 'number', minimum: 2 },
        kind: { enum: ['a', 'b'] },
        tags: { type: 'array', items: { type: 'string' } },
        nested: { $ref: '#/$defs/nested' },
        maybe: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        sure: { type: ['boolean', 'null'] },
      },
      $defs: { nested: { type: 'object', properties: { text: { type: 'string', maxLength: 2 } } } },
    };
    expect(fittingValue(schema, 'yes')).toEqual({
      answer: 'yes',
      score: 2,
      kind: 'a',
      tags: [],
      nested: { text: 'ye' },
      maybe: null,
      sure: false,
    });
  });
});
