import { CronExpressionParser } from 'cron-parser';

/** Enough to pass every minute of every 13th of the month that is not a Friday. */
const MAX_CANDIDATES = 100_000;

/** A timer's schedule. */
export interface Schedule {
  /** The first occurrence after a moment. */
  next(after: Date): Date;
}

/**
 * Reads a six-field NCRONTAB expression (`{second} {minute} {hour} {day} {month} {day of week}`). Unlike in Unix cron, a
 * time must match both the day of the month and the day of the week. `timeZone` is an IANA name.
 */
export function parseSchedule(text: string, timeZone: string): Schedule {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw new Error(`The schedule '${text}' is not an NCRONTAB expression of six fields.`);
  const weekday = fields[5] ?? '*';
  const anyWeekday = [...fields.slice(0, 5), '*'].join(' ');
  const parse = (expression: string, currentDate: Date) =>
    CronExpressionParser.parse(expression, { currentDate, tz: timeZone });
  const weekdays = new Set(
    parse(`0 0 0 * * ${weekday}`, new Date()).fields.dayOfWeek.values.map((day) => Number(day) % 7),
  );
  const isUnrestrictedDay = fields[3] === '*' || fields[3] === '?';
  const expression = isUnrestrictedDay ? fields.join(' ') : anyWeekday;

  parse(expression, new Date());
  return {
    next(after) {
      const occurrences = parse(expression, after);
      for (let tried = 0; tried < MAX_CANDIDATES; tried += 1) {
        const candidate = occurrences.next();
        if (weekdays.has(candidate.getDay())) return candidate.toDate();
      }
      throw new Error(`The schedule '${text}' never occurs.`);
    },
  };
}
