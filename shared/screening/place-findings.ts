import type { FindingSummary, ScreeningFinding } from '../contracts/screening.ts';
import type { Finding } from './finding.ts';

const MAX_SUMMARIES = 20;

/** A part of the text that findings are placed in. */
interface Chunk {
  readonly index: number;
  readonly page: number | null;
  readonly end: number;
}

/** Says for each finding in which part it is; one in the text by its chunk and page, those that overlap take the first. */
export function placeFindings(
  part: ScreeningFinding['part'],
  findings: readonly Finding[],
  chunks: readonly Chunk[],
): ScreeningFinding[] {
  const sorted = findings.toSorted((a, b) => a.start - b.start);
  let next = 0;
  return sorted.map((finding) => {
    while (next < chunks.length - 1 && (chunks[next]?.end ?? 0) <= finding.start) next += 1;
    const chunk = part === 'text' ? chunks[next] : undefined;
    return { ...finding, part, chunk: chunk?.index ?? null, page: chunk?.page ?? null };
  });
}

/** The gravest first, and in the order of the text. */
export function byGravity(a: ScreeningFinding, b: ScreeningFinding): number {
  if (a.severity !== b.severity) return a.severity === 'high' ? -1 : 1;
  return a.start - b.start;
}

/** One line for each rule and severity; the first 20. */
export function summarise(findings: readonly ScreeningFinding[]): FindingSummary[] {
  const summaries = new Map<string, FindingSummary>();
  for (const { kind, rule, severity, part, chunk, page, start, end } of findings.toSorted(byGravity)) {
    const key = `${kind} ${rule} ${severity}`;
    const known = summaries.get(key);
    const first = known?.first ?? { part, chunk, page, start, end };
    summaries.set(key, { kind, rule, severity, count: (known?.count ?? 0) + 1, first });
  }
  return [...summaries.values()].slice(0, MAX_SUMMARIES);
}

/** What was found before and what was found now, as one summary. */
export function addSummaries(before: readonly FindingSummary[], now: readonly FindingSummary[]): FindingSummary[] {
  const isAlike = (one: FindingSummary) => (other: FindingSummary) =>
    one.kind === other.kind && one.rule === other.rule && one.severity === other.severity;
  const grown = before.map((one) => ({ ...one, count: one.count + (now.find(isAlike(one))?.count ?? 0) }));
  return [...grown, ...now.filter((one) => !before.some(isAlike(one)))].slice(0, MAX_SUMMARIES);
}
