import { createMarkerReader } from '../chat/citation-markers.ts';
import { type Passage, toCitation } from '../knowledge/retrieval.ts';
import type { UrlCitation } from './answer-event.ts';

export interface CitedAnswer {
  readonly passages: readonly Passage[];
  readonly question: string;
  /** Where the paths of sources begin, such as `https://ai.contoso.com`. */
  readonly baseUrl: string;
}

/** Finds the citations of an answer that comes in pieces: each passage once, when its marker is complete. */
export function createCitationReader({ passages, question, baseUrl }: CitedAnswer): (piece: string) => UrlCitation[] {
  const newMarkers = createMarkerReader();
  let text = '';
  return (piece) => {
    text += piece;
    return newMarkers(piece).flatMap((number): UrlCitation[] => {
      const passage = passages[number - 1];
      if (!passage) return [];
      const marker = `[${number}]`;
      const start = text.indexOf(marker);
      const citation = toCitation(passage, number, question);
      const title = [passage.documentName, ...passage.headingPath].join(' › ');
      const url = `${baseUrl}${citation.url}`;
      return [{ start_index: start, end_index: start + marker.length, title, url, citation }];
    });
  };
}
