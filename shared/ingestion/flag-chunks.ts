import type { FindingKind, ScreeningFinding } from '../contracts/screening.ts';
import type { Chunk } from './chunking/chunk.ts';

/** A chunk with the kinds of what was found in it. */
export interface FlaggedChunk extends Chunk {
  readonly flags: FindingKind[];
}

/** No finding is longer, so that none that begins this far before a chunk reaches into it. Characters. */
const LONGEST_FINDING = 10_000;

/** Says of chunks what is in them or around them, as a model reads both; one finding may be in several. */
export function flagChunks(chunks: readonly Chunk[], findings: readonly ScreeningFinding[]): FlaggedChunk[] {
  const inText = findings.filter(({ part }) => part === 'text').toSorted((a, b) => a.start - b.start);
  let first = 0;
  return chunks.map((chunk) => {
    const { start, end } = chunk.surroundings ?? chunk;
    while (first < inText.length && (inText[first]?.start ?? 0) < start - LONGEST_FINDING) first += 1;
    const flags = new Set<FindingKind>();
    for (let index = first; (inText[index]?.start ?? end) < end; index += 1) {
      const finding = inText[index];
      if (finding && finding.end > start) flags.add(finding.kind);
    }
    return { ...chunk, flags: [...flags].sort() };
  });
}
