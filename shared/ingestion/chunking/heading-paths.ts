import type { ExtractedBlock, ExtractedDocument } from '../extraction/extracted-document.ts';

const MAX_HEADING_CHARACTERS = 200;

/** The headings above each block, the highest first; a heading belongs to its own section. */
export function headingPaths({ text, blocks }: ExtractedDocument): Map<ExtractedBlock, readonly string[]> {
  const paths = new Map<ExtractedBlock, readonly string[]>();
  let open: ReadonlyArray<{ readonly level: number; readonly title: string }> = [];
  let path: readonly string[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') {
      const level = block.level ?? 1;
      const title = text
        .slice(block.start, block.end)
        .slice(0, MAX_HEADING_CHARACTERS)
        .replace(/\s+/g, ' ')
        .toWellFormed();
      open = [...open.filter((above) => above.level < level), { level, title }];
      path = open.map((above) => above.title);
    }
    paths.set(block, path);
  }
  return paths;
}
