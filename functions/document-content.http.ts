import { z } from 'zod';
import { ChunksQuery, DocumentPreview, InspectedChunks, PreviewQuery } from '../shared/contracts/chunks.ts';
import { Disposition, SourceLink } from '../shared/contracts/documents.ts';
import { DocumentId, KnowledgeBaseId } from '../shared/contracts/identifiers.ts';
import { endpoint } from '../shared/edge/endpoint.ts';
import { MAX_WINDOW_CHARACTERS } from '../shared/knowledge/extracted-text.ts';

const tag = 'Documents';
const item = 'api/v1/knowledge-bases/{knowledgeBaseId}/documents/{documentId}';
const reference = z.object({ knowledgeBaseId: KnowledgeBaseId, documentId: DocumentId });
const Version = z.coerce.number().int().positive().optional();

/** RFC 8288; relative to the request. */
function linkToNext(query: Readonly<Record<string, number | undefined>>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return `<?${new URLSearchParams(given)}>; rel="next"`;
}

export const documentSource = endpoint({
  name: 'documents-source',
  audit: 'document.source-opened',
  method: 'GET',
  route: `${item}/source`,
  summary: 'A link for ten minutes that opens the file at its place, or saves it',
  description:
    'A file that a browser could run as a page, such as HTML or SVG, is always saved, whatever `disposition` says.',
  tag,
  permission: 'knowledge:read',
  params: reference,
  query: z.strictObject({
    version: Version,
    page: Version,
    disposition: Disposition.optional().meta({ description: 'Left out: shown in place where that is safe' }),
  }),
  responses: { 200: SourceLink },
  handle: async ({ principal, params, query, services }) => ({
    body: await services.documents.sourceLink(principal, params, query),
  }),
});

export const documentText = endpoint({
  name: 'documents-text',
  audit: 'document.text-opened',
  method: 'GET',
  route: `${item}/text`,
  summary: 'The extracted text, into which the spans of citations point',
  description: `At most ${MAX_WINDOW_CHARACTERS} characters; the header \`link\` with \`rel="next"\` names those that follow.`,
  tag,
  permission: 'knowledge:read',
  params: reference,
  query: z.strictObject({
    version: Version,
    start: z.coerce.number().int().nonnegative().default(0),
    end: z.coerce.number().int().nonnegative().optional(),
  }),
  responses: { 200: { contentType: 'text/plain', description: 'Characters from `start` to `end`' } },
  handle: async ({ principal, params, query, services }) => {
    const { start, version, end = Number.MAX_SAFE_INTEGER } = query;
    const read = await services.documents.textWindow(principal, params, { version, start, end });
    const isMore = read.end < Math.min(end, read.totalCharacters);
    const raw = { contentType: 'text/plain; charset=utf-8', content: read.text };
    return { raw, ...(isMore && { headers: { link: linkToNext({ ...query, start: read.end }) } }) };
  },
});

export const documentPreview = endpoint({
  name: 'documents-preview',
  audit: 'document.text-opened',
  method: 'GET',
  route: `${item}/preview`,
  summary: 'Part of the extracted text with the chunks in it, such as around a citation',
  tag,
  permission: 'knowledge:read',
  params: reference,
  query: PreviewQuery,
  responses: { 200: DocumentPreview },
  handle: async ({ principal, params, query, services }) => ({
    body: await services.previewDocument(principal, params, query),
  }),
});

export const documentChunks = endpoint({
  name: 'documents-chunks',
  audit: 'document.chunks-inspected',
  method: 'GET',
  route: `${item}/chunks`,
  summary: 'What was indexed of a document, and why a question finds it or not',
  tag,
  permission: 'knowledge:read',
  params: reference,
  query: ChunksQuery,
  responses: { 200: InspectedChunks },
  handle: async ({ principal, params, query, services }) => ({
    body: await services.inspectChunks(principal, params, query),
  }),
});
