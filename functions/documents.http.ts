import { z } from 'zod';
import {
  CreateUpload,
  DocumentListQuery,
  DocumentName,
  KnowledgeDocument,
  UpdateDocument,
  Upload,
  UploadFields,
} from '../shared/contracts/documents.ts';
import { DocumentId, KnowledgeBaseId } from '../shared/contracts/identifiers.ts';
import { pageOf } from '../shared/contracts/paging.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { encodeEvent, eventStreamHeaders, eventStreamType, withHeartbeat } from '../shared/edge/event-stream.ts';
import { parseForm, receiveFile } from '../shared/edge/multipart.ts';
import type { StoredDocument } from '../shared/knowledge/document-repository.ts';
import { showDocument } from '../shared/knowledge/show-document.ts';

const tag = 'Documents';
const collection = 'api/v1/knowledge-bases/{knowledgeBaseId}/documents';
const item = `${collection}/{documentId}`;
const inKnowledgeBase = z.object({ knowledgeBaseId: KnowledgeBaseId });
const reference = inKnowledgeBase.extend({ documentId: DocumentId });
const Version = z.coerce.number().int().positive().optional();

const locationOf = ({ knowledgeBaseId, id }: StoredDocument) => ({
  location: `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${id}`,
});

export const listDocuments = endpoint({
  name: 'documents-list',
  method: 'GET',
  route: collection,
  summary: 'The documents that you may see',
  tag,
  permission: 'knowledge:read',
  params: inKnowledgeBase,
  query: DocumentListQuery,
  responses: { 200: pageOf(KnowledgeDocument) },
  handle: async ({ principal, params, query, services }) => {
    const page = await services.documents.list(principal, params.knowledgeBaseId, query);
    return { body: { ...page, items: page.items.map(showDocument) } };
  },
});

export const uploadDocument = endpoint({
  name: 'documents-upload',
  audit: 'document.uploaded',
  method: 'POST',
  route: collection,
  summary: 'Upload a file',
  description:
    'With `documentId`, the file becomes a new version of that document. The fields `access`, `tags` and `modifiedAt`, if any, come before the file.',
  tag,
  permission: 'knowledge:write',
  params: inKnowledgeBase,
  query: z.strictObject({ documentId: DocumentId.optional() }),
  form: UploadFields.extend({ file: z.string().meta({ format: 'binary' }) }),
  responses: { 202: KnowledgeDocument },
  handle: async ({ principal, params, query, request, services }) => {
    const document = await receiveFile<StoredDocument>(request, (file) => {
      const fields = parseForm(UploadFields, file.fields);
      const name = DocumentName.catch('document').parse(file.name);
      return services.uploads.receive(principal, { ...params, ...query }, { ...fields, name, content: file.content });
    });
    return { body: showDocument(document), headers: locationOf(document) };
  },
});

export const beginUpload = endpoint({
  name: 'uploads-create',
  audit: 'document.upload-begun',
  method: 'POST',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}/uploads',
  summary: 'Get a link to upload a large file to',
  description: 'PUT the file to `uploadUrl`, then call `…/documents/{documentId}/complete-upload`.',
  tag,
  permission: 'knowledge:write',
  params: inKnowledgeBase,
  body: CreateUpload,
  idempotent: true,
  responses: { 201: Upload },
  handle: async ({ principal, params, body, services }) => {
    const { document, ...link } = await services.uploads.begin(principal, { ...params, ...body }, body);
    return { body: { ...link, document: showDocument(document) }, headers: locationOf(document), subject: document.id };
  },
});

export const completeUpload = endpoint({
  name: 'uploads-complete',
  audit: 'document.uploaded',
  method: 'POST',
  route: `${item}/complete-upload`,
  summary: 'Say that the file has been uploaded',
  tag,
  permission: 'knowledge:write',
  params: reference,
  query: z.strictObject({ version: Version }),
  responses: { 202: KnowledgeDocument },
  handle: async ({ principal, params, query, services }) => {
    const document = await services.uploads.complete(principal, params, query.version);
    return { body: showDocument(document), headers: locationOf(document) };
  },
});

export const getDocument = endpoint({
  name: 'documents-get',
  method: 'GET',
  route: item,
  summary: 'One document, with its status and progress',
  tag,
  permission: 'knowledge:read',
  params: reference,
  responses: { 200: KnowledgeDocument },
  handle: async ({ principal, params, services }) => {
    const { value, etag } = await services.documents.get(principal, params);
    return { body: showDocument(value), etag };
  },
});

export const watchDocument = endpoint({
  name: 'documents-events',
  method: 'GET',
  route: `${item}/events`,
  summary: 'Watch a document until it is ready, held or failed',
  tag,
  permission: 'knowledge:read',
  params: reference,
  responses: { 200: { contentType: 'text/event-stream', description: 'The document after each change' } },
  handle: async ({ principal, params, services }) => {
    await services.documents.get(principal, params);
    async function* changes() {
      for await (const document of services.watchDocument(principal, params)) {
        yield encodeEvent({ data: JSON.stringify(showDocument(document)) });
      }
    }
    return { headers: eventStreamHeaders, raw: { contentType: eventStreamType, content: withHeartbeat(changes()) } };
  },
});

export const updateDocument = endpoint({
  name: 'documents-update',
  audit: 'document.updated',
  method: 'PATCH',
  route: item,
  summary: 'Rename a document, or change who may read it, its tags or its date',
  description:
    'Access that is set here wins over `.access.json` of the drop folder until `accessSource: "folder"` resets it.',
  tag,
  permission: 'knowledge:write',
  params: reference,
  body: UpdateDocument,
  responses: { 200: KnowledgeDocument },
  handle: async ({ principal, params, body, ifMatch, services }) => {
    const { value, etag } = await services.documents.update(principal, params, body, ifMatch);
    return { body: showDocument(value), etag };
  },
});

export const deleteDocument = endpoint({
  name: 'documents-delete',
  audit: 'document.deleted',
  method: 'DELETE',
  route: item,
  summary: 'Delete a document; it is gone from answers at once',
  tag,
  permission: 'knowledge:write',
  params: reference,
  responses: { 202: null },
  handle: async ({ principal, params, services }) => {
    await services.documents.remove(principal, params);
    return {};
  },
});

export const retryDocument = endpoint({
  name: 'documents-retry',
  audit: 'document.retried',
  method: 'POST',
  route: `${item}/retry`,
  summary: 'Process a document again that failed or got stuck',
  tag,
  permission: 'knowledge:write',
  params: reference,
  responses: { 202: KnowledgeDocument },
  handle: async ({ principal, params, services }) => ({
    body: showDocument(await services.documents.retry(principal, params)),
  }),
});
