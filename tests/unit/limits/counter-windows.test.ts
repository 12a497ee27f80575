import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOf, isOver, secondsLeftOf, windowsAt } from '../../../shared/limits/counter-windows.ts';

const MINUTE = 60_000;
const time = fc.date({ min: new Date('2020-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });

describe('windows', () => {
  it('are named by UTC time', () => {
    expect(windowsAt(new Date('2026-11-23T15:38:59.999Z'))).toEqual({
      minute: 'minute_202611231538',
      day: 'day_20261123',
      month: 'month_202611',
      slot: 'slot_202611231530',
      previousSlot: 'slot_202611231520',
    });
  });

  it.each(['minute', 'day', 'month'] as const)('of a %s end exactly when the next one begins', (period) => {
    fc.assert(
      fc.property(time, (now) => {
        const end = endOf(period, now);
        expect(windowsAt(new Date(end.getTime() - 1))[period]).toBe(windowsAt(now)[period]);
        expect(windowsAt(end)[period]).not.toBe(windowsAt(now)[period]);
        const left = secondsLeftOf(period, now);
        expect(left).toBeGreaterThanOrEqual(1);
        expect(left * 1_000 - (end.getTime() - now.getTime())).toBeLessThan(1_000);
      }),
    );
  });

  it('are never over while an instance whose clock is 5 minutes behind still uses them', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 5 * MINUTE }), (now, behind) => {
        const used = Object.values(windowsAt(new Date(now.getTime() - behind)));
        expect(used.filter((window) => isOver(window, now))).toEqual([]);
      }),
    );
  });

  it('are over some time after they ended', () => {
    const long = windowsAt(new Date('2026-09-01T12:00:00Z'));
    const now = new Date('2026-11-23T12:00:00Z');

    expect(Object.values(long).filter((window) => !isOver(window, now))).toEqual([]);
    expect(isOver('minute_202611231149', now)).toBe(true);
  });
});
