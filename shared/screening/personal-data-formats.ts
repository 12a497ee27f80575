import { hasLuhnDigit, isBsnSound, isNirSound, isSteuerIdSound } from './check-digits.ts';
import type { DigitRun } from './digit-runs.ts';

/** Prefixes of issuers with the lengths of their numbers. */
const CARD =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12})$/;
const CARD_GROUPS = /^\d{12,19}$|^(?:\d{4}[ -]){3}\d{1,4}(?:[ -]\d{3})?$|^\d{4}[ -]\d{6}[ -]\d{4,5}$/;
/** Numbers that payment providers publish for tests. */
const TEST_CARDS = new Set(
  '4111111111111111 4242424242424242 4000056655665556 5555555555554444 5105105105105100 2223003122003222 378282246310005 371449635398431 6011111111111117 3056930009020004 3566002020360505 4012888888881881 4000000000000002'.split(
    ' ',
  ),
);
const SSN = /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/;
/** Published as examples, so that nobody has them. */
const EXAMPLE_SSNS = new Set(['078051120', '219099999', '123456789']);
const PHONE_LABEL =
  /(?:\btel|phone|mobile|\bcell|\bfax|telefon|telefoon|handy|mobil|portable|telefono|celular|t[ée]l[ée]phone)\w{0,6}[.:)]?\s{0,3}(?:number|no\.?|nr\.?)?[.:]?\s{0,3}$/i;
const LABEL_REACH = 40;

/** What a run of digits means; null when it is just a number. */
export function ruleOfDigits(run: DigitRun, before: string): string | null {
  const { digits, text } = run;
  if (digits.length >= 13 && CARD.test(digits) && CARD_GROUPS.test(text) && hasLuhnDigit(digits)) {
    return TEST_CARDS.has(digits) ? null : 'payment-card';
  }
  if (digits.length === 15 && isNirSound(digits)) return 'french-nir';
  if (SSN.test(text)) return EXAMPLE_SSNS.has(digits) ? null : 'us-ssn';
  if (digits.length === 11 && isSteuerIdSound(digits) && /steuer|\bidnr|tax id|tin\b/i.test(before)) {
    return 'german-steuer-id';
  }
  if (digits.length === 9 && isBsnSound(digits) && /\bbsn\b|burgerservice|sofi/i.test(before)) return 'dutch-bsn';
  return null;
}

/** Whether a whole run is a phone number: international, or with a label before it. */
export function isPhoneNumber({ text, digits }: DigitRun, before: string): boolean {
  if (digits.length < 7 || digits.length > 15) return false;
  return text.startsWith('+') || PHONE_LABEL.test(before.slice(-LABEL_REACH)) || /^\(\d{3}\) \d{3}-\d{4}$/.test(text);
}

export const NINO = /\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/g;

export const DATE =
  /\b(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}|\d{1,2}\.? (?:de )?\p{L}{3,12}\.? (?:de )?(?:19|20)\d{2}|\d{1,2}, (?:19|20)\d{2})\b/gu;
/** What stands before a date of birth; a month in words may come between. */
export const BIRTH_LABEL =
  /\b(?:date of birth|birth ?date|birthday|d\.?o\.?b\b\.?|born(?: on)?|geburtsdatum|geburtstag|geboren am|geb\.|date de naissance|n[ée]e? le|fecha de nacimiento|nacid[oa] el|data di nascita|nat[oa] il|data de nascimento|geboortedatum)["']?\s{0,2}[:|=]?\s{0,3}["']?(?:[A-Z][a-z]{2,8} )?$/i;

export const EMAIL_LOCAL = /[\w.!#$%&'*+/=?^`{|}~-]{1,64}$/;
export const EMAIL_DOMAIN = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}\b/;
