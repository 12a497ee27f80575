/** How a cell's number is shown, as far as it changes what the number says. */
export interface NumberFormat {
  /** The letters of a date or time format (`y`, `m`, `d`, `h`, `s`; `e` for elapsed hours), or null. */
  readonly dateParts: ReadonlySet<string> | null;
  readonly isPercent: boolean;
  /** Digits after the point; null for as many as there are. */
  readonly decimals: number | null;
  readonly before: string;
  readonly after: string;
}

export const GENERAL: NumberFormat = { dateParts: null, isPercent: false, decimals: null, before: '', after: '' };

const MAX_DECIMALS = 10;
/** Formats that files name by number only (ECMA-376 part 1, 18.8.30). */
const BUILT_IN: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  14: 'yyyy-mm-dd',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm',
  19: 'h:mm:ss',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'm/d/yy h:mm',
  39: '#,##0.00',
  40: '#,##0.00',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
};
const EAST_ASIAN_DATES: readonly (readonly [number, number])[] = [
  [27, 31],
  [36, 36],
  [50, 54],
  [57, 58],
];
const CURRENCY = /[$€£¥₹₽₩₺₴₫฿₪₦₱₲₡₸₾¢]|\b(?:EUR|USD|GBP|CHF|JPY|CNY|RUB|SEK|NOK|DKK|PLN|CZK)\b/;

/** Reads a format code such as `#,##0.00 "€"`, or one of the numbers that stand for one. */
export function parseNumberFormat(id: number, code: string | undefined): NumberFormat {
  const known = code ?? BUILT_IN[id] ?? (isEastAsianDate(id) ? 'yyyy-mm-dd' : undefined);
  if (known === undefined || /^general$/i.test(known)) return GENERAL;
  // `[$€-407]` is a currency with its language.
  const section = known.split(';')[0]?.replace(/\[\$([^\]-]*)(?:-[^\]]*)?\]/g, '$1') ?? '';
  const pattern = section
    .replace(/\[(h+|m+|s+)\]/gi, 'e')
    .replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM\/PM|A\/P/gi, '')
    .toLowerCase();
  const dateLetters = pattern.replace(/general/g, '').match(/[ymdhse]/g);
  if (dateLetters && !/e[+-]/.test(pattern)) return { ...GENERAL, dateParts: datePartsOf(pattern) };
  const digits = /[0#?]/.exec(section);
  const currency = CURRENCY.exec(section);
  const isBefore = currency !== null && digits !== null && currency.index < digits.index;
  return {
    dateParts: null,
    isPercent: pattern.includes('%'),
    decimals: decimalsOf(pattern),
    before: currency && isBefore ? currency[0] : '',
    after: currency && !isBefore ? ` ${currency[0]}` : '',
  };
}

function isEastAsianDate(id: number): boolean {
  return EAST_ASIAN_DATES.some(([first, last]) => id >= first && id <= last);
}

// `m` means minutes beside hours or seconds, and months elsewhere.
function datePartsOf(pattern: string): ReadonlySet<string> {
  const parts = new Set(pattern.match(/[ydhse]/g) ?? []);
  const withoutMinutes = pattern.replace(/([he][^a-z]*)m+/g, '$1').replace(/m+([^a-z]*s)/g, '$1');
  if (withoutMinutes.includes('m')) parts.add('m');
  return parts;
}

function decimalsOf(pattern: string): number | null {
  if (!/[0#?]/.test(pattern) || /e[+-]|\//.test(pattern)) return null;
  const fixed = /\.(0+)/.exec(pattern)?.[1]?.length;
  if (fixed !== undefined) return Math.min(fixed, MAX_DECIMALS);
  return pattern.includes('.') ? null : 0;
}
