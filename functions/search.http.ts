import { z } from 'zod';
import { KnowledgeBaseId } from '../shared/contracts/identifiers.ts';
import { KnowledgeBaseQuery, KnowledgeQuery, SearchResults } from '../shared/contracts/search.ts';
import { endpoint } from '../shared/edge/endpoint.ts';

const tag = 'Search';

export const queryKnowledge = endpoint({
  name: 'query',
  method: 'POST',
  route: 'api/v1/query',
  summary: 'Search several knowledge bases',
  tag,
  permission: 'knowledge:read',
  body: KnowledgeQuery,
  responses: { 200: SearchResults },
  handle: async ({ principal, body, services }) => ({
    body: { results: await services.search(principal, body) },
  }),
});

export const queryKnowledgeBase = endpoint({
  name: 'knowledge-bases-query',
  method: 'POST',
  route: 'api/v1/knowledge-bases/{knowledgeBaseId}/query',
  summary: 'Search one knowledge base',
  tag,
  permission: 'knowledge:read',
  params: z.object({ knowledgeBaseId: KnowledgeBaseId }),
  body: KnowledgeBaseQuery,
  responses: { 200: SearchResults },
  handle: async ({ principal, params: { knowledgeBaseId }, body, services }) => ({
    body: { results: await services.search(principal, { ...body, knowledgeBaseIds: [knowledgeBaseId] }) },
  }),
});
