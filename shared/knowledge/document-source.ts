import { AppError } from '../errors.ts';
import type { BlobStore } from './blob-store.ts';
import { sourceBlob, textBlob } from './document-blobs.ts';
import type { DocumentKey, StoredDocument } from './document-repository.ts';

const LINK_MINUTES = 10;
/** What a browser may show in place; everything else is saved. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  'application/pdf': 'application/pdf',
  'text/plain': 'text/plain; charset=utf-8',
  'text/markdown': 'text/plain; charset=utf-8',
};

export interface SourceLink {
  readonly url: string;
  readonly expiresAt: string;
}

export const linkExpiry = (now: Date) => new Date(now.getTime() + LINK_MINUTES * 60_000);

/** A link for ten minutes that opens the file of one version, at a page where the format has pages. */
export async function createSourceLink(
  blobs: BlobStore,
  document: StoredDocument,
  place: { readonly version: number; readonly page?: number | undefined },
  now: Date,
): Promise<SourceLink> {
  const name = sourceBlob(keyOf(document), place.version);
  if (!(await blobs.info('documents', name))) throw replaced();
  const expiresAt = linkExpiry(now);
  const shownAs = SHOWN_AS[document.mediaType ?? ''];
  const url = await blobs.readLink('documents', name, {
    expiresAt,
    downloadName: document.name,
    contentType: shownAs ?? 'application/octet-stream',
    disposition: shownAs ? 'inline' : 'attachment',
  });
  const isPaged = place.page !== undefined && document.mediaType === 'application/pdf';
  return { url: isPaged ? `${url}#page=${place.page}` : url, expiresAt: expiresAt.toISOString() };
}

/** The extracted text of one version, into which spans of citations point. @throws AppError `not_found` */
export async function readExtractedText(blobs: BlobStore, key: DocumentKey, version: number): Promise<string> {
  const stored = await blobs.readJson('documents', textBlob(key, version));
  if (stored === null) throw replaced();
  return (stored as { text: string }).text;
}

export function keyOf(document: StoredDocument): DocumentKey {
  return { tenantId: document.tenantId, knowledgeBaseId: document.knowledgeBaseId, documentId: document.id };
}

function replaced(): AppError {
  return new AppError(
    'not_found',
    'This version is not there any more: the document was replaced or is still being read.',
  );
}
