import { expect, it } from 'vitest';
import { formatDollars, median, renderTable } from '../../../local/demo/table.ts';

it('aligns names to the left and values to the right', () => {
  const rows = renderTable([
    ['Documents', '11'],
    ['Cost', '$0.009200'],
  ]);

  expect(rows).toEqual(['Documents         11', 'Cost       $0.009200']);
});

it('takes the middle value, whatever the order, and the mean of the two middle ones', () => {
  expect(median([30, 1, 2])).toBe(2);
  expect(median([40, 10, 20, 30])).toBe(25);
  expect(median([])).toBe(0);
});

it('shows every micro-dollar', () => {
  expect(formatDollars(9200)).toBe('$0.009200');
  expect(formatDollars(12_345_678)).toBe('$12.345678');
});
