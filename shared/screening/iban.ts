import { isIbanSound } from './check-digits.ts';

/** Lengths by country, from the IBAN registry. */
const LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 ' +
    'FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 ' +
    'MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 ' +
    'SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);
const BEGIN = /\b[A-Z]{2}\d{2}(?=[ ]?[A-Z0-9]{4})/g;
const CHARACTER = /[A-Z0-9]/;

/** Every IBAN with sound check digits, also in groups with a space between them. */
export function* findIbans(text: string): Generator<{ start: number; end: number; value: string }> {
  for (const { 0: head, index } of text.matchAll(BEGIN)) {
    const length = LENGTHS.get(head.slice(0, 2));
    if (length === undefined) continue;
    const { end, value } = readCharacters(text, index, length);
    const isWhole = value.length === length && !/\w/.test(text[end] ?? '');
    if (isWhole && isIbanSound(value)) yield { start: index, end, value };
  }
}

function readCharacters(text: string, start: number, count: number): { end: number; value: string } {
  let value = '';
  let end = start;
  while (value.length < count) {
    const character = text[end] ?? '';
    const isGap = character === ' ' && text[end - 1] !== ' ';
    if (!isGap && !CHARACTER.test(character)) break;
    if (!isGap) value += character;
    end += 1;
  }
  return { end, value };
}
