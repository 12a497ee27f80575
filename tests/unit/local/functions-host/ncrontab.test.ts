import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../../local/functions-host/ncrontab.ts';

const next = (expression: string, after: string, timeZone = 'UTC') =>
  parseSchedule(expression, timeZone).next(new Date(after)).toISOString();

describe('an NCRONTAB schedule', () => {
  it.each([
    ['*/15 * * * * *', '2024-01-01T00:00:01Z', '2024-01-01T00:00:15.000Z'],
    ['0 */5 * * * *', '2024-01-01T00:05:00Z', '2024-01-01T00:10:00.000Z'],
    ['0 30 9 * * 1-5', '2024-01-05T10:00:00Z', '2024-01-08T09:30:00.000Z'],
    ['0 0 0 1 Jan *', '2024-06-01T00:00:00Z', '2025-01-01T00:00:00.000Z'],
    ['0 0 0 * * Sun', '2024-01-01T00:00:00Z', '2024-01-07T00:00:00.000Z'],
  ])('%j comes next after %j at %j', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected);
  });

  it('asks for both the day of the month and the day of the week', () => {
    expect(next('0 0 0 13 * 5', '2024-01-01T00:00:00Z')).toBe('2024-09-13T00:00:00.000Z');
  });

  it('counts in its time zone', () => {
    expect(next('0 0 9 * * *', '2024-07-01T00:00:00Z', 'Europe/Berlin')).toBe('2024-07-01T07:00:00.000Z');
  });

  it.each(['* * * * *', '0 0 25 * * *', 'hourly'])('%j is an error', (expression) => {
    expect(() => parseSchedule(expression, 'UTC')).toThrow();
  });
});
