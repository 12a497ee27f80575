/** The sum of all series of a metric that have the labels, as Prometheus' text format says; 0 when there is none. */
export function sumOf(text: string, metric: string, labels: Readonly<Record<string, string>>): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`))
    .filter((line) => Object.entries(labels).every(([name, value]) => line.includes(`${name}="${value}"`)))
    .reduce((sum, line) => sum + Number(/\} (\S+)/.exec(line)?.[1]), 0);
}
