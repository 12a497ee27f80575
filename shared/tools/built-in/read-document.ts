import { z } from 'zod';
import type { AuditLog } from '../../audit/audit-log.ts';
import { recordRetrieval } from '../../audit/record-retrieval.ts';
import { DocumentId, KnowledgeBaseId } from '../../contracts/identifiers.ts';
import { AppError } from '../../errors.ts';
import type { StoredDocument } from '../../knowledge/document-repository.ts';
import type { Documents } from '../../knowledge/documents.ts';
import type { TextWindow } from '../../knowledge/extracted-text.ts';
import { openVersion } from '../../knowledge/open-versions.ts';
import type { Passage } from '../../knowledge/passage.ts';
import type { Tool } from '../tool.ts';

const PAGE_CHARACTERS = 6_000;
const TIMEOUT_MILLISECONDS = 15_000;
const MAX_RESULT_CHARACTERS = 500;

const Input = z.strictObject({
  knowledgeBaseId: KnowledgeBaseId,
  documentId: DocumentId,
  start: z.number().int().nonnegative().optional().describe('The character to read from. Left out: the first'),
});

export interface ReadDocumentOptions {
  readonly documents: Pick<Documents, 'get' | 'textWindow'>;
  readonly audit: AuditLog;
}

/** Reads the text of a document that whoever asks may open, in pages that an answer can cite. */
export function readDocument({ documents, audit }: ReadDocumentOptions): Tool<z.infer<typeof Input>> {
  return {
    name: 'read_document',
    description: `Reads ${PAGE_CHARACTERS} characters of a document that search_knowledge has found.`,
    input: Input,
    defaultPermission: 'allow',
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    maxResultCharacters: MAX_RESULT_CHARACTERS,
    async run({ knowledgeBaseId, documentId, start = 0 }, { principal, runId, knowledgeBaseIds }) {
      const isHeldElsewhere = knowledgeBaseIds?.includes(knowledgeBaseId) === false;
      if (isHeldElsewhere || !principal.permissions.has('knowledge:read')) {
        throw new AppError('not_found', 'There is no such document.');
      }
      const reference = { knowledgeBaseId, documentId };
      const { value: document } = await documents.get(principal, reference);
      // Nothing that is held reaches a prompt, whoever asks.
      const version = openVersion(document);
      if (version === null) throw new AppError('not_found', 'This document is not ready yet.');
      const asked = { version, start, end: start + PAGE_CHARACTERS };
      const read = await documents.textWindow(principal, reference, asked);
      const { end, totalCharacters } = read;
      if (read.text === '') throw new AppError('unprocessable', `The document ends at character ${totalCharacters}.`);
      const passage = pageOf(document, version, read);
      const searched = { subject: runId, knowledgeBaseIds: [knowledgeBaseId], passages: [passage] };
      await recordRetrieval(audit, principal, searched);
      const rest = end < totalCharacters ? `Read on with start ${end}.` : 'This is the end.';
      return { text: `Characters ${start} to ${end} of ${totalCharacters}. ${rest}`, passages: [passage] };
    },
  };
}

/** A page as a passage that can be cited; it was asked for, not found by likeness. */
function pageOf(
  { id, knowledgeBaseId, name, ...document }: StoredDocument,
  version: number,
  { text, start, end }: TextWindow,
): Passage {
  return {
    id: `${id}:${version}:${start}`,
    knowledgeBaseId,
    documentId: id,
    documentName: name,
    version,
    index: 0,
    text: text.toWellFormed(),
    headingPath: [],
    page: null,
    start,
    end,
    tableHeader: null,
    surroundings: null,
    grants: [],
    // Of the whole document: what was found in it is kept by chunk, and this is another cut.
    flags: document.version === version ? [...new Set(document.findings.map(({ kind }) => kind))] : [],
    score: 1,
    scores: { dense: null, sparse: null },
  };
}
