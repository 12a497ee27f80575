import type { Citation } from '../contracts/citations.ts';
import type { Snippets } from './snippet.ts';
import type { IndexedPassage } from './vector-store.ts';

export interface PassageScores {
  readonly dense: number | null;
  readonly sparse: number | null;
  /** Only of what a reranker has judged. */
  readonly rerank?: number | undefined;
}

/** A passage that was found, with how well it fits by each part. */
export interface Passage extends IndexedPassage {
  readonly id: string;
  /** 0 to 1; compares results of one search only. */
  readonly score: number;
  readonly scores: PassageScores;
}

/** A passage as the n-th citation of an answer to a question, whose snippets are shown. */
export function toCitation(passage: Passage, number: number, snippetOf: Snippets): Citation {
  const { knowledgeBaseId, documentId, documentName, version, page, headingPath, start, end, score, text } = passage;
  const { flags = [] } = passage;
  const place = page === null ? '' : `&page=${page}`;
  return {
    number,
    documentId,
    knowledgeBaseId,
    documentName,
    version,
    page,
    headingPath: [...headingPath],
    start,
    end,
    snippet: snippetOf(text),
    score,
    ...(flags.length > 0 && { flags: [...flags] }),
    url: `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${documentId}/source?version=${version}${place}`,
  };
}
