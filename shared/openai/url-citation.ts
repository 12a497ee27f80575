import type { Citation } from '../contracts/citations.ts';

/** A place in an answer that names a passage, as OpenAI cites pages of the web, with what the platform knows of it. */
export interface UrlCitation {
  /** First character of the marker in the answer. */
  readonly start_index: number;
  /** One past its last character. */
  readonly end_index: number;
  readonly title: string;
  readonly url: string;
  readonly citation: Citation;
}

/** A citation by its first marker in what was said so far. `baseUrl` is where the paths of sources begin. */
export function toUrlCitation(citation: Citation, said: string, baseUrl: string): UrlCitation {
  const { number, documentName, headingPath, url } = citation;
  const marker = `[${number}]`;
  const start = said.indexOf(marker);
  return {
    start_index: start,
    end_index: start + marker.length,
    title: [documentName, ...headingPath].join(' › '),
    url: `${baseUrl}${url}`,
    citation,
  };
}
