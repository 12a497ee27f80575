import type { AuditLog } from '../audit/audit-log.ts';
import { actorOf } from '../audit/sign-ins.ts';
import { McpReadDocumentInput, McpReadDocumentOutput } from '../contracts/mcp.ts';
import { AppError } from '../errors.ts';
import type { Documents } from '../knowledge/documents.ts';
import type { TextWindow } from '../knowledge/extracted-text.ts';
import { highestOpenVersion, openVersion } from '../knowledge/open-versions.ts';
import { type McpTool, mcpTool } from './mcp-tool.ts';

/** Reads the extracted text of a document page by page. */
export function createReadDocumentTool(documents: Documents, audit: AuditLog): McpTool {
  return mcpTool({
    name: 'read_document',
    title: 'Read a document',
    description: 'Reads the text of one document, page by page, such as around a passage that search found.',
    permission: 'knowledge:read',
    input: McpReadDocumentInput,
    output: McpReadDocumentOutput,
    async run(principal, { knowledgeBaseId, documentId, start, limit, ...asked }) {
      const { value } = await documents.get(principal, { knowledgeBaseId, documentId });
      const version = asked.version ?? openVersion(value);
      // Nothing that is held reaches a model, whoever asks.
      if (version === null || version > highestOpenVersion(value)) {
        throw new AppError('not_found', 'This version is not ready yet.');
      }
      const page = { version, start, end: start + limit };
      const read = await documents.textWindow(principal, { knowledgeBaseId, documentId }, page);
      await audit.record({
        tenantId: principal.tenantId,
        action: 'document.text-opened',
        outcome: 'allowed',
        actor: actorOf(principal),
        subject: documentId,
        details: { knowledgeBaseId },
      });
      return { documentId, knowledgeBaseId, name: value.name, version, ...pageOf(read) };
    },
    asText: ({ name, text, nextStart }) =>
      `${name}\n\n${text}${nextStart === null ? '' : `\n\n(There is more: go on with start ${nextStart}.)`}`,
  });
}

function pageOf({ text, start, end, totalCharacters }: TextWindow) {
  return { text, start, totalCharacters, nextStart: end < totalCharacters ? end : null };
}
