import type { Chat } from '../chat/chat.ts';
import { McpAskInput, McpAskOutput } from '../contracts/mcp.ts';
import { type McpTool, mcpTool } from './mcp-tool.ts';

/** Answers a question from the documents that the principal may read. */
export function createAskTool(chat: Chat): McpTool {
  return mcpTool({
    name: 'ask',
    title: 'Ask documents',
    description:
      'Answers a question from your company’s documents. A [n] in the answer refers to the n-th citation, the passage that says so.',
    permission: 'chat:use',
    input: McpAskInput,
    output: McpAskOutput,
    async run(principal, { question, ...place }) {
      // No tools: one that must be approved first would leave the answer waiting for somebody whom nobody can ask.
      const turn = await chat.start(principal, { message: question, ...place, tools: [] });
      const { text, citations, model, finishReason, support = null, route = null } = await turn.answer;
      const how = { model, finishReason, route, cache: turn.cache, support };
      return { answer: text, citations, sessionId: turn.sessionId, ...how };
    },
    asText: ({ answer, citations }) => [answer, ...citations.map(asSource)].join('\n'),
  });
}

function asSource({ number, documentName, page, snippet }: McpAskOutput['citations'][number]) {
  return `[${number}] ${documentName}${page === null ? '' : `, page ${page}`}: ${snippet}`;
}
