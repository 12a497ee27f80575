import type { AuditLog } from '../audit/audit-log.ts';
import type { Chat } from '../chat/chat.ts';
import type { Documents } from '../knowledge/documents.ts';
import type { Search } from '../knowledge/search.ts';
import { createAskTool } from './ask-tool.ts';
import type { McpTool } from './mcp-tool.ts';
import { createReadDocumentTool } from './read-document-tool.ts';
import { createSearchTool } from './search-tool.ts';

/** Every tool that we offer to MCP clients. */
export const createMcpTools = (services: {
  readonly search: Search;
  readonly chat: Chat;
  readonly documents: Documents;
  readonly audit: AuditLog;
}): readonly McpTool[] => [
  createSearchTool(services.search),
  createAskTool(services.chat),
  createReadDocumentTool(services.documents, services.audit),
];
