import type { PDFDocumentProxy } from 'unpdf/pdfjs';
import type { PdfLine } from './pdf-lines.ts';

/** A bookmark: what stands there as a heading. */
export interface OutlineEntry {
  readonly title: string;
  /** 1 is the highest. */
  readonly level: number;
  /** 1-based. */
  readonly page: number;
}

/** Finds headings by the bookmarks of a file. */
export interface OutlineHeadings {
  /** How many lines from this one on are the heading of a bookmark, and its level; null when they are none. */
  readonly at: (lines: readonly PdfLine[], index: number) => { readonly count: number; readonly level: number } | null;
}

type OutlineItem = Awaited<ReturnType<PDFDocumentProxy['getOutline']>>[number];

const MAX_ENTRIES = 1_000;
const MAX_LEVEL = 6;
const MAX_LINES = 3;
const MIN_KEY_CHARACTERS = 3;

/** Reads the bookmarks that lead to a page; broken ones are passed over, for they only help. */
export async function readOutline(pdf: PDFDocumentProxy): Promise<OutlineEntry[]> {
  const entries: OutlineEntry[] = [];
  const addAll = async (items: readonly OutlineItem[], level: number): Promise<void> => {
    for (const { title, dest, items: children } of items) {
      if (entries.length >= MAX_ENTRIES) return;
      const page = await pageOf(pdf, dest).catch(() => null);
      if (page !== null && title) entries.push({ title, level, page });
      if (level < MAX_LEVEL) await addAll(children, level + 1);
    }
  };
  await addAll((await pdf.getOutline().catch(() => null)) ?? [], 1);
  return entries;
}

async function pageOf(pdf: PDFDocumentProxy, dest: OutlineItem['dest']): Promise<number | null> {
  const place = typeof dest === 'string' ? await pdf.getDestination(dest) : dest;
  const target: unknown = place?.[0];
  if (typeof target === 'number') return target + 1;
  if (!target || typeof target !== 'object') return null;
  return (await pdf.getPageIndex(target as Parameters<PDFDocumentProxy['getPageIndex']>[0])) + 1;
}

export function createOutlineHeadings(entries: readonly OutlineEntry[]): OutlineHeadings {
  const byPage = new Map<number, Map<string, number>>();
  for (const { title, level, page } of entries) {
    const own = byPage.get(page) ?? new Map<string, number>();
    byPage.set(page, own);
    const key = keyOf(title);
    if (key.length >= MIN_KEY_CHARACTERS && !own.has(key)) own.set(key, level);
  }
  return {
    at: (lines, index) => {
      const first = lines[index];
      const wanted = first && byPage.get(first.page);
      if (!wanted || wanted.size === 0) return null;
      let key = '';
      for (let count = 1; count <= MAX_LINES; count += 1) {
        const line = lines[index + count - 1];
        if (line?.page !== first.page) return null;
        key += keyOf(line.cells.join(' '), count > 1);
        const level = wanted.get(key);
        if (level === undefined) continue;
        // Only the first place counts: the same words further down are text.
        wanted.delete(key);
        return { count, level };
      }
      return null;
    },
  };
}

/** Letters and digits only, without the number of a section, which bookmarks have or leave out. */
function keyOf(text: string, isContinued = false): string {
  const lower = text.normalize('NFKC').toLowerCase().replace(/^\s+/, '');
  const withoutNumber = isContinued ? lower : lower.replace(/^(?:\d+[.)]?)+(?=\s)/, '');
  return withoutNumber.replace(/[^\p{L}\p{N}]+/gu, '');
}
