import { firstIdAt, timeOfId } from '../identifiers.ts';

/** The first id that an act of this moment can have: the border between earlier and later ones. */
export const borderAt = (moment: Date): string => firstIdAt('aud', moment);

const monthOf = (moment: Date): string => moment.toISOString().slice(0, 7);

/** The months that hold the ids between two borders, the earliest first. */
export function monthsBetween(after: string, before: string): string[] {
  const month = new Date(`${monthOf(timeOfId(after))}-01T00:00:00Z`);
  const last = timeOfId(before);
  const months: string[] = [];
  while (month <= last) {
    months.push(monthOf(month));
    month.setUTCMonth(month.getUTCMonth() + 1);
  }
  return months;
}
