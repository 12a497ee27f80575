import { DocumentPath, KnowledgeDocument } from '../contracts/documents.ts';
import { accessSourceOf } from './access-source.ts';
import type { StoredDocument } from './document-repository.ts';

/** What callers see of a stored document. */
export function showDocument(document: StoredDocument): KnowledgeDocument {
  const path = document.drop && DocumentPath.parse(document.drop.path);
  return KnowledgeDocument.parse({ ...document, path, accessSource: accessSourceOf(document) });
}
