import type { Access } from '../contracts/access.ts';
import type { AccessSource } from '../contracts/documents.ts';
import type { StoredDocument } from './document-repository.ts';

/** Whether the access of a document was set by hand, or follows its folder. Records of earlier releases do not say. */
export function accessSourceOf({ accessSource, drop, access }: StoredDocument): AccessSource {
  return accessSource ?? (drop && access === null ? 'folder' : 'own');
}

/** The document with what its folder says; one whose access was set by hand keeps that. */
export function withFolderAccess(document: StoredDocument, access: Access | null): StoredDocument {
  return accessSourceOf(document) === 'own' ? document : { ...document, access, accessSource: 'folder' };
}
