import { z } from 'zod';
import { AnswerSupport, CacheStatus, Citation } from './citations.ts';
import { DocumentId, KnowledgeBaseId, SessionId } from './identifiers.ts';
import { ModelRoute } from './models.ts';
import { SearchResult } from './search.ts';
import { SearchFilters } from './search-filters.ts';

const MAX_QUESTION_CHARACTERS = 32_000;
const MAX_QUERY_CHARACTERS = 4_000;
const MAX_KNOWLEDGE_BASES = 10;
const MAX_RESULTS = 20;
const MAX_PAGE_CHARACTERS = 20_000;

const KnowledgeBaseIds = z
  .array(KnowledgeBaseId)
  .min(1)
  .max(MAX_KNOWLEDGE_BASES)
  .optional()
  .meta({ description: 'Left out: all that you may see' });

export const McpSearchInput = z.strictObject({
  query: z.string().trim().min(1).max(MAX_QUERY_CHARACTERS),
  limit: z.number().int().min(1).max(MAX_RESULTS).default(8),
  knowledgeBaseIds: KnowledgeBaseIds,
  filters: SearchFilters.optional(),
});
export const McpSearchOutput = z.object({ results: z.array(SearchResult) });
export type McpSearchOutput = z.infer<typeof McpSearchOutput>;

export const McpAskInput = z.strictObject({
  question: z.string().trim().min(1).max(MAX_QUESTION_CHARACTERS),
  knowledgeBaseIds: KnowledgeBaseIds,
  filters: SearchFilters.optional(),
  sessionId: SessionId.optional().meta({ description: 'Of an earlier answer, to ask on' }),
});
export const McpAskOutput = z.object({
  answer: z.string(),
  citations: z.array(Citation),
  sessionId: SessionId,
  model: z.string(),
  finishReason: z.string(),
  route: ModelRoute.nullable().meta({ description: 'Why which model answered; null: none was asked' }),
  cache: CacheStatus,
  support: AnswerSupport.nullable().meta({ description: 'null: nothing was searched' }),
});
export type McpAskOutput = z.infer<typeof McpAskOutput>;

export const McpReadDocumentInput = z.strictObject({
  knowledgeBaseId: KnowledgeBaseId,
  documentId: DocumentId,
  version: z.number().int().positive().optional().meta({ description: 'Left out: the one that answers come from' }),
  start: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .meta({ description: 'First character; `nextStart` of the page before' }),
  limit: z.number().int().min(1).max(MAX_PAGE_CHARACTERS).default(8_000).meta({ description: 'Characters' }),
});
export type McpReadDocumentInput = z.infer<typeof McpReadDocumentInput>;
export const McpReadDocumentOutput = z.object({
  documentId: DocumentId,
  knowledgeBaseId: KnowledgeBaseId,
  name: z.string(),
  version: z.number().int().positive(),
  text: z.string(),
  start: z.number().int().nonnegative(),
  totalCharacters: z.number().int().nonnegative(),
  nextStart: z.number().int().positive().nullable().meta({ description: 'null on the last page' }),
});
export type McpReadDocumentOutput = z.infer<typeof McpReadDocumentOutput>;

/** A message of the protocol as the documentation shows it; the protocol's own implementation checks it. */
export const McpMessage = z
  .looseObject({
    jsonrpc: z.literal('2.0'),
    id: z.union([z.string(), z.number()]).optional(),
    method: z.string().optional(),
    params: z.looseObject({}).optional(),
  })
  .meta({ id: 'McpMessage', example: { jsonrpc: '2.0', id: 1, method: 'tools/list' } });

/** RFC 9728: where a client finds out how to sign in to a resource. */
export const ProtectedResource = z
  .object({
    resource: z.string(),
    resource_name: z.string(),
    authorization_servers: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    bearer_methods_supported: z.array(z.string()),
  })
  .meta({ id: 'ProtectedResource' });
export type ProtectedResource = z.infer<typeof ProtectedResource>;
