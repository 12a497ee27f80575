import { z } from 'zod';
import { KnowledgeBaseId } from '../shared/contracts/identifiers.ts';
import { CreateKnowledgeBase, KnowledgeBase, UpdateKnowledgeBase } from '../shared/contracts/knowledge-bases.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Knowledge bases';
const params = z.object({ knowledgeBaseId: KnowledgeBaseId });

export const listKnowledgeBases = endpoint({
  name: 'knowledge-bases-list',
  method: 'GET',
  route: 'api/v1/knowledge-bases',
  summary: 'The knowledge bases that you may see, by name',
  tag,
  permission: 'knowledge:read',
  responses: { 200: z.object({ items: z.array(KnowledgeBase) }) },
  handle: async ({ principal, services }) => ({ body: { items: await services.knowledgeBases.list(principal) } }),
});

export const createKnowledgeBase = endpoint({
  name: 'knowledge-bases-create',
  audit: 'knowledge-base.created',
  method: 'POST',
  route: 'api/v1/knowledge-bases',
  summary: 'Create a knowledge base',
  tag,
  permission: 'knowledge:write',
  body: CreateKnowledgeBase,
  idempotent: true,
  responses: { 201: KnowledgeBase },
  handle: async ({ principal, body, services }) => {
    const { value, etag } = await services.knowledgeBases.create(principal, body);
    return { body: value, etag, headers: { location: `/api/v1/knowledge-bases/${value.id}` } };
  },
});

export const getKnowledgeBase = endpoint({
  name: 'knowledge-bases-get',
  method: 'GET',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}',
  summary: 'One knowledge base',
  tag,
  permission: 'knowledge:read',
  params,
  responses: { 200: KnowledgeBase },
  handle: async ({ principal, params: { knowledgeBaseId }, services }) => {
    const { value, etag } = await services.knowledgeBases.get(principal, knowledgeBaseId);
    return { body: value, etag };
  },
});

export const updateKnowledgeBase = endpoint({
  name: 'knowledge-bases-update',
  audit: 'knowledge-base.updated',
  method: 'PATCH',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}',
  summary: 'Change a knowledge base',
  description: 'Send `If-Match` to be told when somebody else changed it first.',
  tag,
  permission: 'knowledge:write',
  params,
  body: UpdateKnowledgeBase,
  responses: { 200: KnowledgeBase },
  handle: async ({ principal, params: { knowledgeBaseId }, body, ifMatch, services }) => {
    const { value, etag } = await services.knowledgeBases.update(principal, knowledgeBaseId, body, ifMatch);
    return { body: value, etag };
  },
});

export const reindexKnowledgeBase = endpoint({
  name: 'knowledge-bases-reindex',
  audit: 'knowledge-base.reindex-started',
  method: 'POST',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}/reindex',
  summary: 'Move a knowledge base to the embedding model that indexes now',
  description:
    'It answers from where it is until every document has been embedded by the new model; `reindex` of the knowledge base ' +
    'says how far that is. Called again meanwhile, it takes up what got stuck. One that is there already is processed again ' +
    'from its files with `force=true`, by its chunking of now; its documents say how far that is. Else that is a 409.',
  tag,
  permission: 'knowledge:write',
  params,
  query: z.strictObject({ force: z.stringbool().default(false) }),
  responses: { 202: KnowledgeBase },
  handle: async ({ principal, params: { knowledgeBaseId }, query, services }) => {
    const { value, etag } = await services.reindexing.request(principal, knowledgeBaseId, query);
    return { body: value, etag };
  },
});

export const deleteKnowledgeBase = endpoint({
  name: 'knowledge-bases-delete',
  audit: 'knowledge-base.deleted',
  method: 'DELETE',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}',
  summary: 'Delete a knowledge base with its documents',
  tag,
  permission: 'knowledge:write',
  params,
  responses: { 202: null },
  handle: async ({ principal, params: { knowledgeBaseId }, services }) => {
    await services.knowledgeBases.remove(principal, knowledgeBaseId);
    return {};
  },
});
