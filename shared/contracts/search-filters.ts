import { z } from 'zod';
import { DocumentSource, MAX_TAGS, Tag } from './documents.ts';
import { DocumentId, Timestamp } from './identifiers.ts';

const MAX_DOCUMENTS = 100;

const Tags = z.array(Tag).min(1).max(MAX_TAGS);

/** Narrows a search to some documents, by what is known of them; all that is given must hold. */
export const SearchFilters = z
  .strictObject({
    tags: z
      .strictObject({ any: Tags.optional(), all: Tags.optional() })
      .optional()
      .meta({ description: '`any`: with at least one of them; `all`: with every one' }),
    modifiedFrom: Timestamp.optional().meta({ description: 'Changed then or later' }),
    modifiedTo: Timestamp.optional().meta({ description: 'Changed then or before' }),
    sources: z.array(DocumentSource).min(1).max(2).optional(),
    documentIds: z.array(DocumentId).min(1).max(MAX_DOCUMENTS).optional(),
  })
  .meta({ id: 'SearchFilters' });
export type SearchFilters = z.infer<typeof SearchFilters>;

/** Whether filters leave anything out. */
export function areNarrowing(filters: SearchFilters | undefined): filters is SearchFilters {
  return filters !== undefined && JSON.stringify(filters) !== '{}';
}
