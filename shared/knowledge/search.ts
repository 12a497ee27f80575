import type { KnowledgeQuery, SearchResult } from '../contracts/search.ts';
import type { Principal } from '../identity/principal.ts';
import { toCitation } from './passage.ts';
import type { PassageSearch } from './passage-search.ts';
import { snippetsFor } from './snippet.ts';

/** Searches what a principal may read. @throws AppError `not_found` for a knowledge base that it may not see. */
export type Search = (principal: Principal, query: KnowledgeQuery) => Promise<SearchResult[]>;

export function createSearch(searchPassages: PassageSearch): Search {
  return (principal, query) =>
    searchPassages(principal, query, (passages) => {
      const snippetOf = snippetsFor(query.query);
      return passages.map((passage, index) => ({
        ...toCitation(passage, index + 1, snippetOf),
        text: passage.text,
        tableHeader: passage.tableHeader,
        surroundings: passage.surroundings,
        scores: passage.scores,
      }));
    });
}
