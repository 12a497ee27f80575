import { describe, expect, it } from 'vitest';
import { termsOf } from '../../../../shared/knowledge/lexical/english-terms.ts';

describe('terms', () => {
  it('are the same whatever the case, the ending or the form of the characters', () => {
    expect(termsOf('Reimbursements')).toEqual(termsOf('REIMBURSEMENT'));
    expect(termsOf('holidays policies')).toEqual(termsOf('Holiday policy'));
    expect(termsOf('ﬁle')).toEqual(termsOf('file'));
    expect(termsOf('cafe\u0301')).toEqual(termsOf('café'));
  });

  it('leave out words that every text has', () => {
    expect(termsOf('What is the notice period of an employee?')).toEqual(termsOf('notice period employee'));
    expect(termsOf('the and of')).toEqual([]);
  });

  it('keep numbers, codes and words of any script', () => {
    expect(termsOf('E-4711 über 2026 политика')).toEqual(['e', '4711', 'über', '2026', 'политика']);
  });
});
