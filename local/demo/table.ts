/** Lays out two columns: names to the left, values to the right edge. */
export function renderTable(rows: readonly (readonly [name: string, value: string])[]): string[] {
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length));
  const valueWidth = Math.max(0, ...rows.map(([, value]) => value.length));
  return rows.map(([name, value]) => `${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)}`);
}

/** The middle value; the mean of the two middle ones of an even count; 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}

/** Micro-dollars as dollars, exact. */
export function formatDollars(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(6)}`;
}
