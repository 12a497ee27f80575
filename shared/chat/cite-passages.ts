import type { Citation } from '../contracts/citations.ts';
import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { type Passage, toCitation } from '../knowledge/passage.ts';
import { snippetsFor } from '../knowledge/snippet.ts';
import type { AgentState } from './agent-state.ts';

/** Cites the passages of the given numbers, each once in a run; a number without a passage cites nothing. */
export function* citePassages(numbers: readonly number[], state: AgentState): Generator<UiMessageChunk> {
  // Most pieces of an answer cite nothing.
  if (numbers.length === 0) return;
  const snippetOf = snippetsFor(state.searchedFor ?? state.question);
  for (const number of numbers) {
    const passage = state.passages[number - 1];
    if (!passage || state.citations.some((citation) => citation.number === number)) continue;
    const citation = toCitation(passage, number, snippetOf);
    state.citations.push(citation);
    yield sourceChunk(citation);
  }
}

/** A citation as the AI SDK shows a source. */
export function sourceChunk(citation: Citation): UiMessageChunk {
  const { documentId, version, start, documentName, headingPath } = citation;
  return {
    type: 'source-document',
    sourceId: `${documentId}:${version}:${start}`,
    mediaType: 'text/plain',
    title: [documentName, ...headingPath].join(' › '),
    filename: documentName,
    providerMetadata: { platform: { citation } },
  };
}

/** The number of a passage in a run: the one that it has already, or the next. It is kept with all that was read of it. */
export function numberPassage({ passages }: AgentState, passage: Passage): number {
  const known = passages.findIndex(({ id }) => id === passage.id);
  if (known < 0) return passages.push(passage);
  if (passage.surroundings) passages[known] = passage;
  return known + 1;
}
