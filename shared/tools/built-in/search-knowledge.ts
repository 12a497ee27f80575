import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Passage } from '../../knowledge/passage.ts';
import type { PassageSearch } from '../../knowledge/passage-search.ts';
import type { Tool, ToolResult } from '../tool.ts';

const MAX_QUERY_CHARACTERS = 1_000;
const MAX_PASSAGES = 8;
const TIMEOUT_MILLISECONDS = 15_000;
const MAX_RESULT_CHARACTERS = 4_000;

const Input = z.strictObject({
  query: z.string().trim().min(1).max(MAX_QUERY_CHARACTERS).describe('What to look for, as a question or key words'),
  limit: z.number().int().min(1).max(MAX_PASSAGES).optional().describe('How many passages at most'),
});

/** Searches the documents that whoever asks may read, and nothing else. */
export function searchKnowledge(searchPassages: PassageSearch): Tool<z.infer<typeof Input>> {
  return {
    name: 'search_knowledge',
    description: "Searches the company's documents. Cite what it finds by the numbers of the passages, like [3].",
    input: Input,
    defaultPermission: 'allow',
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    maxResultCharacters: MAX_RESULT_CHARACTERS,
    async run({ query, limit = MAX_PASSAGES }, { principal, runId, signal, knowledgeBaseIds, filters }) {
      if (!principal.permissions.has('knowledge:read')) {
        throw new AppError('forbidden', 'Whoever asks may not read knowledge.');
      }
      if (knowledgeBaseIds?.length === 0) {
        throw new AppError('unprocessable', 'No knowledge base is chosen for this conversation.');
      }
      const wanted = { query, limit, filters, ...(knowledgeBaseIds && { knowledgeBaseIds: [...knowledgeBaseIds] }) };
      return searchPassages(principal, wanted, tell, { runId, signal });
    },
  };
}

function tell(passages: Passage[]): ToolResult {
  if (passages.length === 0) return { text: 'Nothing was found.' };
  return { text: ['Found passages of these documents:', ...documentsOf(passages)].join('\n'), passages };
}

/** How to ask `read_document` for more. */
function documentsOf(passages: readonly Passage[]): string[] {
  const lines = passages.map(({ documentName, documentId, knowledgeBaseId }) =>
    JSON.stringify({ documentName, documentId, knowledgeBaseId }),
  );
  return [...new Set(lines)];
}
