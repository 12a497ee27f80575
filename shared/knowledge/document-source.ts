import type { Disposition } from '../contracts/documents.ts';
import type { BlobStore } from './blob-store.ts';
import { sourceBlob } from './document-blobs.ts';
import type { DocumentKey, StoredDocument } from './document-repository.ts';
import { replaced } from './extracted-text.ts';

const LINK_MINUTES = 10;
/** What a browser may show in place, and as what; everything else is saved, whoever asks for what. */
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

export interface SourcePlace {
  readonly version: number;
  readonly page?: number | undefined;
  /** Left out: in place where that is safe. */
  readonly disposition?: Disposition | undefined;
}

/** A link for ten minutes that opens or saves the file of one version, at a page where the format has pages. */
export async function createSourceLink(
  blobs: BlobStore,
  document: StoredDocument,
  place: SourcePlace,
  now: Date,
): Promise<SourceLink> {
  const name = sourceBlob(keyOf(document), place.version);
  if (!(await blobs.info('documents', name))) throw replaced();
  const expiresAt = linkExpiry(now);
  const shownAs = SHOWN_AS[document.mediaType ?? ''];
  const disposition = shownAs === undefined ? 'attachment' : (place.disposition ?? 'inline');
  const url = await blobs.readLink('documents', name, {
    expiresAt,
    downloadName: document.name,
    contentType: shownAs ?? 'application/octet-stream',
    disposition,
  });
  const isPaged = place.page !== undefined && disposition === 'inline' && document.mediaType === 'application/pdf';
  return { url: isPaged ? `${url}#page=${place.page}` : url, expiresAt: expiresAt.toISOString() };
}

export function keyOf(document: StoredDocument): DocumentKey {
  return { tenantId: document.tenantId, knowledgeBaseId: document.knowledgeBaseId, documentId: document.id };
}
