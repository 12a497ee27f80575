import { z } from 'zod';
import { KnowledgeDocument } from '../shared/contracts/documents.ts';
import { DocumentId, KnowledgeBaseId } from '../shared/contracts/identifiers.ts';
import { DocumentFindings } from '../shared/contracts/screening.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { describeFindings } from '../shared/knowledge/describe-findings.ts';
import { showDocument } from '../shared/knowledge/show-document.ts';

const tag = 'Documents';
const item = 'api/v1/knowledge-bases/{knowledgeBaseId}/documents/{documentId}';
const reference = z.object({ knowledgeBaseId: KnowledgeBaseId, documentId: DocumentId });

export const documentFindings = endpoint({
  name: 'documents-findings',
  method: 'GET',
  route: `${item}/findings`,
  summary: 'What was found in a document when it was screened',
  description: 'Places in the extracted text and how each begins; what was found is never shown whole.',
  tag,
  permission: 'knowledge:admin',
  params: reference,
  responses: { 200: DocumentFindings },
  handle: async ({ principal, params, services }) => ({ body: await services.quarantine.findings(principal, params) }),
});

export const releaseDocument = endpoint({
  name: 'documents-release',
  audit: 'document.released',
  method: 'POST',
  route: `${item}/release`,
  summary: 'Let a held document be indexed',
  description:
    'To refuse it, delete the document. `version` makes sure that you release what you looked at, and not an upload that came meanwhile.',
  tag,
  permission: 'knowledge:admin',
  params: reference,
  query: z.strictObject({ version: z.coerce.number().int().positive().optional() }),
  responses: { 202: KnowledgeDocument },
  handle: async ({ principal, params, query, services }) => {
    const { document, findings } = await services.quarantine.release(principal, params, query.version);
    const details = { version: document.version, findings: describeFindings(findings) };
    return { body: showDocument(document), details };
  },
});
