import { describe, expect, it } from 'vitest';
import { findPersonalData } from '../../../shared/screening/personal-data.ts';

const rulesIn = (text: string) => findPersonalData(text).map(({ rule, severity }) => `${rule} ${severity}`);
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join('\n');

describe('data of a person', () => {
  it.each([
    ['Paid with 4539 1488 0343 6467 in May', 'payment-card low'],
    ['Amex 3782-822463-10013', 'payment-card low'],
    ['Tax id (Steuer-ID): 86 095 742 719', 'german-steuer-id low'],
    ['BSN: 111222333', 'dutch-bsn low'],
    ['Nº 2 55 08 14 168 025 38', 'french-nir low'],
    ['SSN 536-22-1234', 'us-ssn low'],
    ['National Insurance AB 12 34 56 C', 'uk-nino low'],
    ['Date of birth: 12.03.1981', 'date-of-birth low'],
    ['born March 4, 1980', 'date-of-birth low'],
    ['Geburtsdatum: 4. Mai 1970', 'date-of-birth low'],
    ['née le 4 mai 1970', 'date-of-birth low'],
  ])('is found in: %s', (text, expected) => {
    expect(rulesIn(text)).toEqual([expected]);
  });

  it('is found in a row of a table, next to other numbers', () => {
    expect(rulesIn('2024 4539 1488 0343 6467 17')).toEqual(['payment-card low']);
  });

  it('is begun to be shown, no more', () => {
    expect(findPersonalData('card 4539 1488 0343 6467')[0]?.excerpt).toBe('4539…');
  });
});

describe('numbers that are nobody', () => {
  it.each([
    'Order 4539148803436468 of May',
    'Test with 4111 1111 1111 1111 or 4242424242424242',
    'ISBN 978-3-16-148410-0',
    'Part 536-22-12345, serial 000-12-3456',
    'Invoice 111222334, amount 86095742719',
    'Meeting on 12.03.1981 and 2024-05-01',
    'Version 1.2.3.4567890123',
    'DE89 3704 0044 0532 0130 01',
  ])('are left alone: %s', (text) => {
    expect(rulesIn(text)).toEqual([]);
  });
});

describe('how many it takes', () => {
  const email = (index: number) => `person${index}@contoso.example`;
  it('to be more than contact addresses, and to be a list of people', () => {
    expect(rulesIn(times(9, email))).toEqual([]);
    expect(new Set(rulesIn(times(10, email)))).toEqual(new Set(['email low']));
    expect(new Set(rulesIn(times(100, email)))).toEqual(new Set(['email high']));
  });

  it('counts the same one once', () => {
    expect(rulesIn(times(200, () => email(1)))).toEqual([]);
  });

  it('is three for bank accounts, with spaces or without, whatever stands behind', () => {
    const two = 'IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFF, GB82WEST12345698765432';
    expect(rulesIn(two)).toEqual([]);
    expect(rulesIn(`${two}; FR1420041010050500013M02606`)).toEqual(['iban low', 'iban low', 'iban low']);
  });

  it('is ten for phone numbers', () => {
    const phone = (index: number) => `+49 30 12345${index}0`;
    expect(rulesIn(times(9, phone))).toEqual([]);
    expect(rulesIn(times(10, phone))).toHaveLength(10);
    expect(rulesIn(times(10, (index) => `Tel.: 030 / 12345${index}`))).toHaveLength(10);
  });

  it('is one for what has no place in an ordinary document, and five for a list', () => {
    const ssn = (index: number) => `536-2${index}-1234`;
    expect(rulesIn(times(4, ssn))).toEqual(Array.from({ length: 4 }, () => 'us-ssn low'));
    expect(rulesIn(times(5, ssn))).toEqual(Array.from({ length: 5 }, () => 'us-ssn high'));
  });
});
