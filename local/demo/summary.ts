import type { TokenUsage } from '../../shared/contracts/citations.ts';
import type { DemoContext } from './demo-context.ts';
import type { Indexed } from './index-documents.ts';
import { formatDollars, median, renderTable } from './table.ts';

/** Prints what the demo did and what it took, then whether every check passed. */
export function printSummary({ screen, checks, answers }: DemoContext, indexed: Indexed, startedAt: number): void {
  const { documents, chunks, pages, seconds } = indexed;
  const sum = (field: keyof TokenUsage) => answers.reduce((total, { usage }) => total + usage[field], 0);
  const milliseconds = (value: number) => `${Math.round(value)} ms`;
  screen.title('Summary');
  const rows = renderTable([
    ['Documents', String(documents.length)],
    ['Pages (3,000 characters where a format has none)', String(pages)],
    ['Chunks', String(chunks)],
    ['Indexing', `${seconds.toFixed(1)} s`],
    ['Pages a second', (pages / seconds).toFixed(1)],
    ['Questions, streamed', String(answers.length)],
    ['Time to first word, median', milliseconds(median(answers.map(({ firstWordMs }) => firstWordMs)))],
    ['Time to whole answer, median', milliseconds(median(answers.map(({ totalMs }) => totalMs)))],
    ['Input tokens', sum('inputTokens').toLocaleString('en')],
    ['Output tokens', sum('outputTokens').toLocaleString('en')],
    ['Cost in US dollars', formatDollars(sum('costMicroUsd'))],
    ['Whole demo', `${((performance.now() - startedAt) / 1000).toFixed(1)} s`],
  ]);
  for (const row of rows) screen.line(`  ${row}`);
  screen.line();
  if (checks.failures.length === 0) {
    screen.line(screen.paint('green', `All ${checks.count} checks passed.`));
    return;
  }
  screen.line(screen.paint('red', `${checks.failures.length} of ${checks.count} checks failed:`));
  for (const failure of checks.failures) screen.line(`  ✗ ${failure}`);
}
