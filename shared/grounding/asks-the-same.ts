import { missingNames } from './names.ts';
import { missingNumbers } from './numbers.ts';
import { isNegative } from './polarity.ts';

/**
 * Whether two questions whose vectors are alike may have one answer. Vectors hardly tell a number, a name or a `not` from
 * another, so all of these must agree.
 */
export function asksTheSame(one: string, other: string): boolean {
  const isWithin = (question: string, source: string) =>
    missingNumbers(question, source).length === 0 && missingNames(question, source).length === 0;
  return isWithin(one, other) && isWithin(other, one) && isNegative(one) === isNegative(other);
}
