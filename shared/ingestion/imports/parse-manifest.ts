import { ImportItem, type ImportProblem } from '../../contracts/imports.ts';

/** More items, or a longer line, than a manifest may have. */
const MAX_LINES = 10_000;
const MAX_LINE_CHARACTERS = 64 * 1024;

export interface Manifest {
  readonly items: readonly ImportItem[];
  readonly problems: readonly ImportProblem[];
}

/**
 * Reads a manifest: a JSON object in each line. A line that is not as it should be is a problem, and the others count.
 * @param folder the folder of the manifest, which its paths are relative to: empty, or ending in a slash.
 */
export function parseManifest(content: string, folder: string): Manifest {
  const items: ImportItem[] = [];
  const problems: ImportProblem[] = [];
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    if (items.length + problems.length >= MAX_LINES) {
      const reason = `A manifest may have ${MAX_LINES} lines. Split it; what follows was not read.`;
      problems.push({ path: null, line: index + 1, code: 'too-many', reason });
      break;
    }
    const read = parseLine(line, folder);
    if ('item' in read) items.push(read.item);
    else problems.push({ path: null, line: index + 1, code: 'invalid-line', reason: read.reason });
  }
  return { items, problems };
}

function parseLine(line: string, folder: string): { readonly item: ImportItem } | { readonly reason: string } {
  if (line.length > MAX_LINE_CHARACTERS) return { reason: 'The line is longer than 64 kB.' };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { reason: 'The line is not JSON.' };
  }
  const parsed = ImportItem.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { reason: `${issue?.path.join('.') || 'The line'}: ${issue?.message ?? 'not as it should be'}` };
  }
  return { item: { ...parsed.data, path: `${folder}${parsed.data.path}` } };
}
