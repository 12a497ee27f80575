import { McpSearchInput, McpSearchOutput } from '../contracts/mcp.ts';
import type { Search } from '../knowledge/search.ts';
import { type McpTool, mcpTool } from './mcp-tool.ts';

/** Finds passages in the documents that the principal may read. */
export function createSearchTool(search: Search): McpTool {
  return mcpTool({
    name: 'search',
    title: 'Search documents',
    description:
      'Finds the passages of your company’s documents that fit a query best. Each names its document; read_document gives the text around it.',
    permission: 'knowledge:read',
    input: McpSearchInput,
    output: McpSearchOutput,
    run: async (principal, query) => ({ results: await search(principal, query) }),
    asText: ({ results }) => (results.length === 0 ? 'Nothing was found.' : results.map(asPassage).join('\n\n')),
  });
}

function asPassage({
  number,
  documentName,
  page,
  documentId,
  knowledgeBaseId,
  text,
}: McpSearchOutput['results'][number]) {
  const place = page === null ? '' : `, page ${page}`;
  return `[${number}] ${documentName}${place} (documentId ${documentId}, knowledgeBaseId ${knowledgeBaseId})\n${text}`;
}
