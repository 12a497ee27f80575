import type { TenantId } from '../contracts/identifiers.ts';

/** A tenant's calls of one day (`YYYY-MM-DD`, UTC): what is added up together. */
export interface TenantDay {
  readonly tenantId: TenantId;
  readonly day: string;
}

const DAY_MILLISECONDS = 86_400_000;
const DAY_CHARACTERS = 'YYYY-MM-DD'.length;
const MONTH_CHARACTERS = 'YYYY-MM'.length;

/** The day of a time (ISO 8601, UTC). */
export const dayOf = (at: string) => at.slice(0, DAY_CHARACTERS);

/** The month (`YYYY-MM`) of a day or a time. */
export const monthOf = (at: string) => at.slice(0, MONTH_CHARACTERS);

export const nextDay = (day: string) => shifted(day, DAY_MILLISECONDS);

export const dayBefore = (day: string) => shifted(day, -DAY_MILLISECONDS);

function shifted(day: string, milliseconds: number): string {
  return dayOf(new Date(Date.parse(day) + milliseconds).toISOString());
}

/** The first day of the month after that of `day`. */
export function nextMonth(day: string): string {
  const [year = 0, month = 0] = day.split('-').map(Number);
  return dayOf(new Date(Date.UTC(year, month)).toISOString());
}

/** Every day from the first to the last, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = nextDay(day)) days.push(day);
  return days;
}
