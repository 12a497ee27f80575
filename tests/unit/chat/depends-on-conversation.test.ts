import { describe, expect, it } from 'vitest';
import { mayDependOnConversation } from '../../../shared/chat/depends-on-conversation.ts';

describe('a question that may depend on the conversation', () => {
  it.each([
    'And for contractors?',
    'What about part-time employees in Zurich?',
    'Contractors?',
    'Why?',
    'How long does it take?',
    'Who approves them for the team?',
    'Und für Werkstudenten?',
    'Gilt das auch für die Teilzeit?',
    'Et pour les stagiaires ?',
    '¿Y para los becarios?',
    'Is that paid in the same month?',
  ])('is one that goes on, points back or is very short: %s', (question) => {
    expect(mayDependOnConversation(question)).toBe(true);
  });

  it.each([
    'How many days of holiday does an employee have?',
    'When does the gate at the parking lot open?',
    'Wie viele Urlaubstage haben Angestellte in Zürich?',
    'Which documents describe how the finance team has to approve travel costs of more than a thousand euros before they are paid?',
  ])('is none that says what it is about: %s', (question) => {
    expect(mayDependOnConversation(question)).toBe(false);
  });
});
