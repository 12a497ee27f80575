import type { DocumentKey, KnowledgeBaseKey } from './document-repository.ts';

export const knowledgeBasePrefix = ({ tenantId, knowledgeBaseId }: KnowledgeBaseKey) =>
  `${tenantId}/${knowledgeBaseId}/`;

export const documentPrefix = (key: DocumentKey) => `${knowledgeBasePrefix(key)}${key.documentId}/`;

export const versionPrefix = (key: DocumentKey, version: number) => `${documentPrefix(key)}${version}/`;

export const sourceBlob = (key: DocumentKey, version: number) => `${versionPrefix(key, version)}source`;

/** The extracted text; see `extracted-text.ts`. */
export const textBlob = (key: DocumentKey, version: number) => `${versionPrefix(key, version)}text`;

/** The same as it was kept before windows of it could be read. */
export const jsonTextBlob = (key: DocumentKey, version: number) => `${versionPrefix(key, version)}text.json`;

/** What was found in a version, place by place. */
export const findingsBlob = (key: DocumentKey, version: number) => `${versionPrefix(key, version)}findings.json`;

export const batchBlob = (key: DocumentKey, version: number, batch: number) =>
  `${versionPrefix(key, version)}chunks/${batch}.json`;
