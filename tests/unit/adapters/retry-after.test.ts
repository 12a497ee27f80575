import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { retryAfter } from '../../../shared/adapters/retry-after.ts';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-05-01T12:00:00Z') }));
afterEach(() => void vi.useRealTimers());

it.each([
  ['whole seconds', { 'retry-after': '3' }, 3_000],
  ['parts of a second', { 'retry-after': '0.5' }, 500],
  ['a date', { 'retry-after': 'Fri, 01 May 2026 12:00:07 GMT' }, 7_000],
  ['a date that is past', { 'retry-after': 'Fri, 01 May 2026 11:59:00 GMT' }, 0],
  ['milliseconds, which are more exact', { 'retry-after': '3', 'retry-after-ms': '2500' }, 2_500],
  ['no time at all', { 'retry-after-ms': '0' }, 0],
  ['nothing', {}, null],
  ['nothing that is understood', { 'retry-after': 'soon', 'retry-after-ms': '-1' }, null],
])('reads how long to wait from %s', (_, headers, milliseconds) => {
  expect(retryAfter(headers)).toBe(milliseconds);
});
