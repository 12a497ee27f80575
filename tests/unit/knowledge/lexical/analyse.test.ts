import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentTerms, queryTerms } from '../../../../shared/knowledge/lexical/analyse.ts';

/** How many of a question's words a text has in the form that it is asked for. */
function matches(question: string, text: string): number {
  const terms = new Set(documentTerms(text));
  return [...queryTerms(question).keys()].filter((term) => terms.has(term)).length;
}

describe('a question', () => {
  it.each([
    ['English', 'Which holidays do I have?', 'The holiday that you have is listed.'],
    [
      'German',
      'Wie viele Krankheiten sind versichert?',
      'Die Krankheit ist nach dem Vertrag versichert und wird bezahlt.',
    ],
    ['French', 'Quelles sont les factures réglées ?', 'La facture est réglée par le client dans les trente jours.'],
    ['Spanish', '¿Cuántos días de vacaciones tengo?', 'Las vacaciones de los empleados se piden en el portal.'],
    ['Italian', 'Quali sono le ferie degli impiegati?', 'Gli impiegati hanno le ferie che sono nel contratto.'],
    ['Portuguese', 'Quais são as férias dos empregados?', 'Os empregados têm direito a férias que não são pagas.'],
    [
      'Dutch',
      'Hoeveel vakantiedagen hebben de medewerkers?',
      'De medewerker heeft een vakantiedag die niet is betaald.',
    ],
    [
      'Swedish',
      'Hur många semesterdagar har jag?',
      'Det är en semesterdag som inte har betalats till den som är sjuk.',
    ],
    ['Finnish', 'Missä ovat taloissa olevat laitteet?', 'Laite on talossa ja se ei ole mukana, mutta on myös varalla.'],
    ['Russian', 'Сколько дней отпуска у меня?', 'Отпуск не может быть меньше, чем это указано в договоре.'],
    ['Greek', 'Ποιες είναι οι άδειες;', 'Η άδεια του εργαζομένου είναι στο συμβόλαιο.'],
    ['Arabic', 'كم عدد الموظفين؟', 'الموظف في الشركة هو من يطلب.'],
    ['Polish', 'Ile dni urlopu jest w roku?', 'Dni urlopu nie są płatne, jeżeli się nie pracuje.'],
    ['Japanese', '休暇の日数は?', '従業員の休暇は年に二十日です。'],
    ['Korean', '휴가 일수', '직원의 휴가는 연간 이십일입니다.'],
    ['Thai', 'วันหยุดประจำปี', 'พนักงานมีวันหยุดสิบวัน'],
  ])('in %s finds what is written in it, in another form of its words', (_, question, text) => {
    expect(matches(question, text)).toBeGreaterThan(0);
  });

  it('of a few words finds them in any language of their script', () => {
    expect(matches('Krankheiten', 'Die Krankheit ist nach dem Vertrag versichert.')).toBe(1);
    expect(matches('vacaciones', 'Las vacaciones de los empleados se piden en el portal.')).toBe(1);
    expect(matches('Holidays', 'The holiday that you have is listed.')).toBe(1);
  });

  it('finds a name from one language in another', () => {
    expect(matches('Wie ist das Klima in Paris?', 'The climate of Paris is what it is, with mild winters.')).toBe(1);
  });

  it('keeps a word that says nothing in another language only', () => {
    expect([...queryTerms('die cast process').keys()]).toContain('die');
    expect([...queryTerms('Was ist die Krankheit?').keys()]).not.toContain('die');
  });

  it('asks for a word as often as it stands there, and for uncommon forms with less weight', () => {
    expect(queryTerms('tamarind tamarind').get('tamarind')).toBe(2);
    const krankheiten = queryTerms('Krankheiten');
    expect([krankheiten.get('krankheiten'), krankheiten.get('krankheit')]).toEqual([1, 0.5]);
  });
});

describe('the terms of a passage', () => {
  it('leave out what says nothing in its language', () => {
    expect(documentTerms('What is the notice period of an employee?')).toEqual(documentTerms('notice period employee'));
    expect(documentTerms('the and of')).toEqual([]);
  });

  it('know no accent where a language has it on no letter of its own', () => {
    expect(documentTerms('La réunion des employés est dans la grande salle')).toContain('reunion');
    expect(documentTerms('Det är ett år som inte är över')).toContain('år');
  });

  it('read two scripts in one text, each as its own', () => {
    const terms = documentTerms('The employees of the company. Отпуск и отпуска сотрудников не меньше.');
    expect(terms).toContain('employe');
    expect(terms.filter((term) => term === 'отпуск')).toHaveLength(2);
  });

  it('come from any text at all', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 });
    const anything = fc.oneof(
      fc.lorem({ maxCount: 20 }),
      units.map((codes) => String.fromCharCode(...codes)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        expect(documentTerms(text).every((term) => term.length > 0)).toBe(true);
        expect([...queryTerms(text).values()].every((weight) => weight > 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
