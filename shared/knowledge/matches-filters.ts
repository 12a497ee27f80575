import type { SearchFilters } from '../contracts/search-filters.ts';
import type { IndexedPassage } from './vector-store.ts';

/** What of a passage filters look at; passages that were stored before lack some of it, and match no filter on it. */
export type Filterable = Pick<IndexedPassage, 'documentId' | 'tags' | 'modifiedAt' | 'source'>;

/** Whether a passage is one of those that a search is narrowed to. */
export function matchesFilters(
  { tags: wanted, modifiedFrom, modifiedTo, sources, documentIds }: SearchFilters,
  { documentId, tags = [], modifiedAt, source }: Filterable,
): boolean {
  const modified = modifiedAt ? Date.parse(modifiedAt) : Number.NaN;
  return (
    (wanted?.any === undefined || wanted.any.some((tag) => tags.includes(tag))) &&
    (wanted?.all === undefined || wanted.all.every((tag) => tags.includes(tag))) &&
    // Of an unknown time, neither holds.
    (modifiedFrom === undefined || modified >= Date.parse(modifiedFrom)) &&
    (modifiedTo === undefined || modified <= Date.parse(modifiedTo)) &&
    (sources === undefined || sources.some((one) => one === source)) &&
    (documentIds === undefined || documentIds.includes(documentId))
  );
}
