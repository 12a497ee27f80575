import type { KnowledgeBaseId } from '../../contracts/identifiers.ts';
import type { CreateImport, Import, ImportSummary } from '../../contracts/imports.ts';
import type { Page, PageQuery } from '../../contracts/paging.ts';
import { AppError } from '../../errors.ts';
import type { Principal } from '../../identity/principal.ts';
import type { DocumentRepository, KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import type { KnowledgeBases } from '../../knowledge/knowledge-bases.ts';
import type { DropRecords } from '../drop-folder/drop-records.ts';
import { type BeginImportOptions, beginImport } from './begin-import.ts';
import { showImport, summarizeImport } from './show-import.ts';

/** Batches of files, as who manages a knowledge base sees them; `not_found` or `forbidden` for anybody else. */
export interface Imports {
  create(principal: Principal, id: KnowledgeBaseId, body: CreateImport): Promise<Import>;
  /** Newest first. */
  list(principal: Principal, id: KnowledgeBaseId, page: PageQuery): Promise<Page<ImportSummary>>;
  get(principal: Principal, id: KnowledgeBaseId, importId: string): Promise<Import>;
}

export interface ImportsOptions extends BeginImportOptions {
  readonly knowledgeBases: Pick<KnowledgeBases, 'getManaged'>;
  readonly repository: DocumentRepository;
  readonly records: DropRecords;
  readonly newId: (prefix: 'imp') => string;
}

export function createImports(options: ImportsOptions): Imports {
  const { knowledgeBases, repository, records, newId } = options;

  async function managed(principal: Principal, knowledgeBaseId: KnowledgeBaseId): Promise<KnowledgeBaseKey> {
    await knowledgeBases.getManaged(principal, knowledgeBaseId);
    return { tenantId: principal.tenantId, knowledgeBaseId };
  }

  return {
    async create(principal, knowledgeBaseId, { items }) {
      const knowledgeBase = await managed(principal, knowledgeBaseId);
      const facts = { id: newId('imp'), source: 'request' as const, manifest: null, createdBy: principal.userId };
      const begun = await beginImport(options, knowledgeBase, { ...facts, items, problems: [] });
      return showImport(repository, knowledgeBase, begun);
    },
    async list(principal, knowledgeBaseId, query) {
      const page = await records.listImports(await managed(principal, knowledgeBaseId), query);
      return { ...page, items: page.items.map(summarizeImport) };
    },
    async get(principal, knowledgeBaseId, importId) {
      const knowledgeBase = await managed(principal, knowledgeBaseId);
      const found = await records.findImport(knowledgeBase, importId);
      if (!found) throw new AppError('not_found', 'There is no such import.');
      return showImport(repository, knowledgeBase, found.value);
    },
  };
}
