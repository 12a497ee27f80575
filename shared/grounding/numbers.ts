/** With or without separators; a space, which NFKC makes of a narrow one, only between groups of three. */
const NUMBER = /(?<![\p{L}\d])(?:\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,'’]\d+)*)/gu;
const WORDS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 fifteen=15 twenty=20 ' +
    'thirty=30 forty=40 fifty=50 sixty=60 ninety=90 hundred=100 once=1 twice=2 ' +
    'zwei=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 acht=8 neun=9 zehn=10 elf=11 zwölf=12 zwanzig=20 dreißig=30 ' +
    'deux=2 trois=3 quatre=4 cinq=5 sept=7 huit=8 neuf=9 dix=10 douze=12 vingt=20 trente=30 ' +
    'dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 doce=12 veinte=20 treinta=30'
  )
    .split(' ')
    .map((pair) => pair.split('='))
    .map(([word, value]) => [word, Number(value)]),
);
/** Says as much as an article, so often that it must not count as an amount. */
const VAGUE = new Set(['one', 'once']);
const VAGUE_ONE = /\b(?:one|once|ein(?:e[mnrs]?)?|une?|una?)\b/iu;
const SCALES: readonly (readonly [RegExp, number])[] = [
  [/^\s?(?:k|thousand|tsd\.?|tausend|mille|mil)\b/iu, 1e3],
  [/^\s?(?:m|mio\.?|million(?:s|en)?|millones|millón)\b/iu, 1e6],
  [/^\s?(?:bn|mrd\.?|billions?|milliarden?|milliards?)\b/iu, 1e9],
];
const MONTHS =
  'jan(?:uary|uar|vier)? feb(?:ruary|ruar)?|f[ée]v(?:rier)? mar(?:ch)?|märz|mars|marzo apr(?:il)?|avril|abril may|mai|mayo ' +
  'jun[ei]?|juin|junio jul[yi]?|juillet|julio aug(?:ust)?|ao[ûu]t|agosto sep(?:t(?:ember)?)?|septembre|septiembre ' +
  'o[ck]t(?:ober)?|octobre|octubre nov(?:ember|embre|iembre)? de[cz](?:ember)?|d[ée]cembre|diciembre';
/** Only beside a number: `may` and `march` are other words as well. */
const NAMED_MONTHS = MONTHS.split(' ').map((names) => {
  const name = `(?:${names})\\.?`;
  return new RegExp(`(?:\\d\\.?\\s*(?:of\\s+|de\\s+)?${name}(?!\\p{L})|(?<!\\p{L})${name}\\s+\\d)`, 'iu');
});
const ISO_DATE = /(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)/gu;
/** Day first in one country, month first in the next. */
const SHORT_DATE = /(?<!\d)(\d{1,2})([./])(\d{1,2})\2(\d{2,4})(?!\d)/gu;

/** One thing that a number may mean; a month is no amount. */
export type Reading = number | `month ${number}`;

/** A number as it was written, by everything that it may mean: `1.200` is 1200 in one country and 1.2 in the next. */
export interface WrittenNumber {
  readonly readings: readonly Reading[];
}

/** The numbers, number words and dates of a text. */
export function numbersOf(text: string): WrittenNumber[] {
  const dates: WrittenNumber[] = [];
  const dated = (...parts: readonly (readonly Reading[])[]) => {
    dates.push(...parts.map((readings) => ({ readings })));
    return ' ';
  };
  const plain = text
    .normalize('NFKC')
    .replaceAll(ISO_DATE, (_, year, month, day) => dated([Number(year)], [asMonth(month)], [Number(day)]))
    .replaceAll(SHORT_DATE, (_, one, __, other, year) =>
      dated([Number(one), asMonth(one)], [Number(other), asMonth(other)], [Number(year)]),
    );
  const digits = [...plain.matchAll(NUMBER)].map(({ 0: written, index }) => ({
    readings: scaled(valuesOf(written), plain.slice(index + written.length)),
  }));
  const words = plain.toLowerCase().match(/\p{L}+/gu) ?? [];
  const spelled = words.filter(isNumberWord).map((word) => ({ readings: [WORDS[word] ?? 0] }));
  const months = digits.length === 0 ? [] : monthsOf(plain);
  return [...dates, ...digits, ...spelled, ...months];
}

/** Whether a lower-case word is a number. */
export const isNumberWord = (word: string) => Object.hasOwn(WORDS, word) && !VAGUE.has(word);

const monthsOf = (text: string): WrittenNumber[] =>
  NAMED_MONTHS.flatMap((pattern, index) => (pattern.test(text) ? [{ readings: [asMonth(index + 1)] }] : []));

const asMonth = (month: string | number): Reading => `month ${Number(month)}`;

/** Everything that the numbers of a source may mean. */
export function readingsIn(source: string): Set<Reading> {
  const there = new Set(numbersOf(source).flatMap(({ readings }) => readings));
  // What a source spells out as `one` may be written as a digit.
  if (VAGUE_ONE.test(source)) there.add(1);
  return there;
}

/** Whether a number may mean what is there. */
export function isAmong(number: WrittenNumber, there: ReadonlySet<Reading>): boolean {
  return number.readings.some((reading) => there.has(reading));
}

/** The numbers of a claim that a source does not hold. */
export function missingNumbers(claim: string, source: string): WrittenNumber[] {
  const there = readingsIn(source);
  return numbersOf(claim).filter((number) => !isAmong(number, there));
}

function valuesOf(written: string): number[] {
  const separators = [...written.matchAll(/\D/gu)].map(([separator]) =>
    separator === ',' || separator === '.' ? separator : ' ',
  );
  const parts = written.split(/\D/gu);
  const joined = Number(parts.join(''));
  const last = separators.at(-1);
  if (last === undefined || last === ' ') return [joined];
  const decimal = Number(`${parts.slice(0, -1).join('')}.${parts.at(-1)}`);
  const isGrouping = parts.slice(1).every((part) => part.length === 3);
  // Two equal separators, as in 1.200.000, or in a date, whose parts then count one by one.
  const isRepeated = separators.length > 1 && separators.every((separator) => separator === last);
  if (isRepeated) return isGrouping ? [joined] : parts.map(Number);
  return isGrouping ? [joined, decimal] : [decimal];
}

function scaled(readings: readonly number[], after: string): number[] {
  const scale = SCALES.find(([pattern]) => pattern.test(after))?.[1];
  return scale === undefined ? [...readings] : readings.map((reading) => reading * scale);
}
