import { KnowledgeBaseId, TenantId } from '../../contracts/identifiers.ts';
import { derivedId } from '../../identifiers.ts';
import type { DocumentKey } from '../../knowledge/document-repository.ts';

/** Says who may read the files of its folder and below; never a document itself. */
export const ACCESS_FILE = '.access.json';
/** Lists files with their names and access, as JSON lines; never a document itself. */
const MANIFEST = /(?:^|\/|\.)import\.jsonl$/;

/** Where something lies in a drop folder, and the document that a file there would be. */
export interface DropPlace {
  readonly key: DocumentKey;
  /** Below the knowledge base's folder, such as `handbooks/2026/travel.pdf`. */
  readonly path: string;
  readonly kind: 'file' | 'access-file' | 'manifest';
}

/** What a blob's name means: `{tenant}/{knowledge base}/{path}`; null when it is not shaped so. */
export function locateDrop(name: string): DropPlace | null {
  const [tenantId = '', knowledgeBaseId = '', ...folders] = name.split('/');
  const areIds = TenantId.safeParse(tenantId).success && KnowledgeBaseId.safeParse(knowledgeBaseId).success;
  // Such a path is a folder itself, or has one without a name.
  if (!areIds || folders.length === 0 || folders.some((part) => part === '')) return null;
  return placeOf({ tenantId, knowledgeBaseId }, folders.join('/'));
}

export function placeOf({ tenantId, knowledgeBaseId }: Omit<DocumentKey, 'documentId'>, path: string): DropPlace {
  const documentId = derivedId('doc', tenantId, knowledgeBaseId, path);
  return { key: { tenantId, knowledgeBaseId, documentId }, path, kind: kindOf(path) };
}

function kindOf(path: string): DropPlace['kind'] {
  if (path === ACCESS_FILE || path.endsWith(`/${ACCESS_FILE}`)) return 'access-file';
  return MANIFEST.test(path) ? 'manifest' : 'file';
}

export const dropName = ({ tenantId, knowledgeBaseId }: Omit<DocumentKey, 'documentId'>, path: string) =>
  `${tenantId}/${knowledgeBaseId}/${path}`;

/** The folder that a path lies in: empty, or ending in a slash. */
export const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);

/** The folders around a path, nearest first; the last is the drop folder itself. */
export function foldersAround(path: string): string[] {
  const folders: string[] = [];
  for (let folder = folderOf(path); ; folder = folderOf(folder.slice(0, -1))) {
    folders.push(folder);
    if (folder === '') return folders;
  }
}
