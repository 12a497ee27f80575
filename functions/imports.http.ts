import { z } from 'zod';
import { ImportId, KnowledgeBaseId } from '../shared/contracts/identifiers.ts';
import { CreateImport, Import, ImportSummary } from '../shared/contracts/imports.ts';
import { PageQuery, pageOf } from '../shared/contracts/paging.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Drop folder';
const collection = 'api/v1/knowledge-bases/{knowledgeBaseId}/imports';
const params = z.object({ knowledgeBaseId: KnowledgeBaseId });
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export const createImport = endpoint({
  name: 'imports-create',
  audit: 'import.created',
  method: 'POST',
  route: collection,
  summary: 'Say what files of the drop folder are called and who may read them',
  description:
    'Files may come before or after: those that are not there yet are waited for. The same as a JSON-lines manifest that ' +
    'is dropped as `….import.jsonl`.',
  tag,
  permission: 'knowledge:write',
  params,
  body: CreateImport,
  maxBodyBytes: MAX_BODY_BYTES,
  idempotent: true,
  responses: { 202: Import },
  handle: async ({ principal, params: { knowledgeBaseId }, body, services }) => {
    const created = await services.imports.create(principal, knowledgeBaseId, body);
    return { body: created, headers: { location: `/api/v1/knowledge-bases/${knowledgeBaseId}/imports/${created.id}` } };
  },
});

export const listImports = endpoint({
  name: 'imports-list',
  method: 'GET',
  route: collection,
  summary: 'Imports, the newest first',
  tag,
  permission: 'knowledge:write',
  params,
  query: PageQuery,
  responses: { 200: pageOf(ImportSummary) },
  handle: async ({ principal, params: { knowledgeBaseId }, query, services }) => ({
    body: await services.imports.list(principal, knowledgeBaseId, query),
  }),
});

export const getImport = endpoint({
  name: 'imports-get',
  method: 'GET',
  route: `${collection}/{importId}`,
  summary: 'One import, with its progress and what went wrong',
  tag,
  permission: 'knowledge:write',
  params: params.extend({ importId: ImportId }),
  responses: { 200: Import },
  handle: async ({ principal, params: { knowledgeBaseId, importId }, services }) => ({
    body: await services.imports.get(principal, knowledgeBaseId, importId),
  }),
});
