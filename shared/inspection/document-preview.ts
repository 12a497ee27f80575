import type { DocumentPreview, PreviewQuery } from '../contracts/chunks.ts';
import type { Principal } from '../identity/principal.ts';
import type { DocumentReference, Documents } from '../knowledge/documents.ts';
import type { VectorStore } from '../knowledge/vector-store.ts';

export interface DocumentPreviewOptions {
  readonly documents: Pick<Documents, 'open' | 'textWindow'>;
  readonly vectorStore: Pick<VectorStore, 'chunksOf'>;
}

/** Part of the text of a document that a principal may see, with the chunks that lie in it. @throws AppError `not_found` */
export type PreviewDocument = (
  principal: Principal,
  reference: DocumentReference,
  asked: PreviewQuery,
) => Promise<DocumentPreview>;

export function createDocumentPreview(options: DocumentPreviewOptions): PreviewDocument {
  const { documents, vectorStore } = options;
  return async (principal, reference, asked) => {
    const { document, scope, space } = await documents.open(principal, reference);
    const version = asked.version ?? document.liveVersion ?? document.version;
    const from = startOf(asked);
    const read = await documents.textWindow(principal, reference, { version, start: from, end: from + asked.limit });
    const { text, start, end, totalCharacters } = read;
    const chunks = await vectorStore.chunksOf(space, scope, { version, by: 'characters', from: start, to: end });
    return {
      ...{ documentId: document.id, name: document.name, version },
      ...{ text, start, end, totalCharacters },
      nextStart: end < totalCharacters ? end : null,
      highlight: highlightIn(asked, start, end),
      chunks: chunks.map(({ passage: { index, headingPath, page, ...span } }) => ({
        ...{ index, page, start: span.start, end: span.end },
        headingPath: [...headingPath],
      })),
    };
  };
}

function startOf({ start, limit, highlightStart = 0, highlightEnd = 0 }: PreviewQuery): number {
  if (start !== undefined) return start;
  const before = Math.max(0, limit - (highlightEnd - highlightStart)) / 2;
  return Math.max(0, highlightStart - Math.floor(before));
}

function highlightIn({ highlightStart, highlightEnd }: PreviewQuery, start: number, end: number) {
  if (highlightStart === undefined || highlightEnd === undefined) return null;
  const part = { start: Math.max(start, highlightStart), end: Math.min(end, highlightEnd) };
  return part.start < part.end ? part : null;
}
