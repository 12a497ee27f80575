import { describe, expect, it } from 'vitest';
import { cacheKey } from '../../../shared/cache/cache-key.ts';
import { isPersonal } from '../../../shared/cache/personal-question.ts';
import { replayedText } from '../../../shared/cache/replayed-text.ts';
import type { Principal } from '../../../shared/identity/principal.ts';
import type { SearchableKnowledgeBase } from '../../../shared/knowledge/knowledge-content.ts';

const ann = { displayName: 'Ann Keller' };
const principal = (facts: Partial<Principal> = {}) =>
  ({ tenantId: 'ten', userId: 'ann', groups: ['g'], roles: ['Member'], ...facts }) as Principal;
const knowledgeBase = (id: string, version = 1, grants: string[] | null = []) =>
  ({ id, content: { version, grants } }) as SearchableKnowledgeBase;
const facts = {
  knowledgeBases: [knowledgeBase('a'), knowledgeBase('b')],
  model: 'm',
  promptVersion: 'p',
  tools: ['x', 'y'],
};
const keyOf = (change: Partial<typeof facts> = {}, who = principal()) => cacheKey(who, { ...facts, ...change });

describe('a personal question', () => {
  it.each([
    'How many days do I have left?',
    'What is my budget?',
    "I'm ill. What now?",
    'Wie viel Urlaub habe ich?',
    'Quel est mon salaire ?',
    '¿Cuál es mi sueldo?',
    '私の休暇は何日ですか',
    'Who is on call today?',
    'What happens next week?',
    'What does Keller earn?',
    'What did ann.smith@contoso.example write?',
    'Who has the number +49 170 1234567?',
  ])('is found: %s', (question) => {
    expect(isPersonal(question, ann)).toBe(true);
  });

  it.each([
    'How many days of leave do employees have?',
    'What is our policy on travel to Italy in 2026?',
    'Wie lange ist die Probezeit?',
    'What does error E47 mean?',
    'Do we pay for taxis?',
  ])('is not: %s', (question) => {
    expect(isPersonal(question, ann)).toBe(false);
  });
});

describe('the key of an answer', () => {
  it('does not depend on the order in which things are listed', () => {
    const reversed = { knowledgeBases: facts.knowledgeBases.toReversed(), tools: facts.tools.toReversed() };
    expect(keyOf(reversed)).toEqual(keyOf());
  });

  it('is another for each thing that makes another answer', () => {
    const keys = [
      keyOf(),
      keyOf({ model: 'n' }),
      keyOf({ promptVersion: 'q' }),
      keyOf({ tools: ['x'] }),
      keyOf({ tools: [] }),
      keyOf({ knowledgeBases: [knowledgeBase('a')] }),
      keyOf({ knowledgeBases: [knowledgeBase('a'), knowledgeBase('b', 2)] }),
      keyOf({}, principal({ tenantId: 'other' })),
    ];
    expect(new Set(keys.map((key) => JSON.stringify(key))).size).toBe(keys.length);
  });

  it('has only grants in it that a document names', () => {
    const named = { knowledgeBases: [knowledgeBase('a', 1, ['group:g'])] };
    const [inside, outside] = [principal(), principal({ groups: ['h'] })];
    expect(keyOf(named, inside)).not.toEqual(keyOf(named, outside));
    expect(keyOf(named, inside)).toEqual(keyOf(named, principal({ userId: 'bo', roles: [], groups: ['g', 'h'] })));
    expect(keyOf({}, inside)).toEqual(keyOf({}, outside));
  });

  it('is for one person alone where it is not known whom documents name', () => {
    const unknown = { knowledgeBases: [knowledgeBase('a'), knowledgeBase('b', 1, null)] };
    expect(keyOf(unknown)).not.toEqual(keyOf(unknown, principal({ userId: 'bo' })));
    expect(keyOf(unknown)).toEqual(keyOf(unknown, principal()));
  });
});

it('streams a cached answer in pieces of whole words that are the text again', () => {
  const text = `${'Several words, some of them longwinded. '.repeat(20)}\n- End [1].`;
  const pieces = [...replayedText(text)];
  expect(pieces.join('')).toBe(text);
  expect(pieces.length).toBeGreaterThan(5);
  expect(pieces.slice(0, -1).every((piece) => /\s$/.test(piece))).toBe(true);
  expect([...replayedText('')]).toEqual([]);
});
