import type { NumberFormat } from './number-format.ts';

const SECONDS_PER_DAY = 86_400;
/** 9999-12-31, the last day that Excel knows. */
const LAST_DAY = 2_958_465;
/** Excel believes in 29 February 1900: its days are one ahead from then on (ECMA-376 part 1, 18.17.4.1). */
const LEAP_DAY_THAT_NEVER_WAS = 60;
const DAYS_FROM_1900_TO_1904 = 1_462;
const SIGNIFICANT_DIGITS = 15;

/** A number as text: dates as ISO 8601, percentages and currencies with their sign, no separators of thousands. */
export function formatNumber(value: number, format: NumberFormat, startsIn1904: boolean): string {
  if (format.dateParts) {
    const days = startsIn1904 ? value + DAYS_FROM_1900_TO_1904 : value;
    if (days >= 0 && days <= LAST_DAY) return formatDate(days, format.dateParts);
  }
  const shown = format.isPercent ? value * 100 : value;
  const digits = format.decimals === null || format.dateParts ? plain(shown) : shown.toFixed(format.decimals);
  return `${format.before}${digits}${format.isPercent ? '%' : ''}${format.after}`;
}

// Without the noise of binary fractions: 0.1 + 0.2 is 0.3.
function plain(value: number): string {
  return String(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
}

function formatDate(days: number, parts: ReadonlySet<string>): string {
  const seconds = Math.round(days * SECONDS_PER_DAY);
  if (parts.has('e')) return timeText(Math.floor(seconds / 3_600), seconds, true);
  const hasDate = parts.has('y') || parts.has('d') || parts.has('m');
  const hasTime = parts.has('h') || parts.has('s');
  const time = timeText(Math.floor(seconds / 3_600) % 24, seconds, parts.has('s'));
  if (!hasDate) return time;
  const date = dateText(Math.floor(seconds / SECONDS_PER_DAY), parts);
  return hasTime ? `${date} ${time}` : date;
}

function dateText(day: number, parts: ReadonlySet<string>): string {
  const days = day >= LEAP_DAY_THAT_NEVER_WAS ? day : day + 1;
  const whole = new Date(Date.UTC(1899, 11, 30) + days * SECONDS_PER_DAY * 1_000).toISOString().slice(0, 10);
  if (parts.has('d') || !parts.has('y')) return whole;
  return parts.has('m') ? whole.slice(0, 7) : whole.slice(0, 4);
}

function timeText(hours: number, seconds: number, withSeconds: boolean): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}`;
  return withSeconds ? `${minutes}:${two(seconds % 60)}` : minutes;
}
