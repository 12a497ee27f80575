import { McpSearchInput, McpSearchOutput } from '../contracts/mcp.ts';
import { passagesToRead, readableText } from '../knowledge/passages-to-read.ts';
import type { Search } from '../knowledge/search.ts';
import { type McpTool, mcpTool } from './mcp-tool.ts';

/** Room for all passages of an answer; what surrounds them is given as far as it fits besides. */
const MAX_CHARACTERS = 500_000;

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
    asText: ({ results }) =>
      results.length === 0 ? 'Nothing was found.' : readable(results).map(asPassage).join('\n\n'),
  });
}

type Result = McpSearchOutput['results'][number];

const charactersOf = (result: Result) => readableText(result).length;
const readable = (results: readonly Result[]) => passagesToRead(results, MAX_CHARACTERS, charactersOf).chosen;

function asPassage({ number, documentName, page, documentId, knowledgeBaseId, ...passage }: Result) {
  const place = page === null ? '' : `, page ${page}`;
  return `[${number}] ${documentName}${place} (documentId ${documentId}, knowledgeBaseId ${knowledgeBaseId})\n${readableText(passage)}`;
}
