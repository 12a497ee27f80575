import { z } from 'zod';
import { Citation } from './citations.ts';
import { KnowledgeBaseId } from './identifiers.ts';
import { SearchFilters } from './search-filters.ts';

const MAX_QUERY_CHARACTERS = 4_000;
const MAX_RESULTS = 100;

const query = z.string().trim().min(1).max(MAX_QUERY_CHARACTERS);
const limit = z.number().int().min(1).max(MAX_RESULTS).default(8);

const diverse = z.boolean().optional().meta({
  description: 'false: near copies are given too, and as many passages of one document as fit best',
});

export const KnowledgeBaseQuery = z
  .strictObject({ query, limit, diverse, filters: SearchFilters.optional() })
  .meta({ id: 'KnowledgeBaseQuery' });

export const KnowledgeQuery = z
  .strictObject({
    query,
    limit,
    diverse,
    filters: SearchFilters.optional(),
    knowledgeBaseIds: z.array(KnowledgeBaseId).min(1).max(10).optional().meta({
      description: 'Left out: all that you may see',
    }),
  })
  .meta({ id: 'KnowledgeQuery' });
export type KnowledgeQuery = z.infer<typeof KnowledgeQuery>;

/** The text around a passage, the passage included; of the extracted text from `start` to `end`. */
export const PassageSurroundings = z.object({
  text: z.string(),
  start: z.number().int().nonnegative(),
  end: z.number().int().nonnegative(),
});
export type PassageSurroundings = z.infer<typeof PassageSurroundings>;

export const SearchResult = Citation.extend({
  text: z.string(),
  tableHeader: z.string().nullable().optional().meta({
    description: 'The header of the table that the passage goes on with, which is not in its text',
  }),
  surroundings: PassageSurroundings.nullable().optional().meta({
    description: 'What a model gets to read instead of the passage alone, where the knowledge base keeps it',
  }),
  scores: z.object({
    dense: z.number().nullable(),
    sparse: z.number().nullable(),
    rerank: z.number().optional().meta({ description: 'Where a reranker has judged it, in its own scale' }),
  }),
}).meta({ id: 'SearchResult' });
export type SearchResult = z.infer<typeof SearchResult>;

export const SearchResults = z.object({ results: z.array(SearchResult) }).meta({ id: 'SearchResults' });
