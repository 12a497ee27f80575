import type { Table } from './report.ts';
import { rounded } from './statistics.ts';

const LEAST_SHARE = 0.01;

/** Shares of time by who caused them, without the smallest. @param shares 0 to 1, the largest first */
export function shareTable(caption: string, shares: ReadonlyMap<string, number>): Table {
  return {
    caption,
    columns: ['Part', 'Share'],
    rows: [...shares]
      .filter(([, share]) => share >= LEAST_SHARE)
      .map(([owner, share]) => [owner, `${rounded(share * 100)} %`]),
  };
}
