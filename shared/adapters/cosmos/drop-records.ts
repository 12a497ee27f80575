import { createHash } from 'node:crypto';
import type { AccessFileRecord, DropRecords } from '../../ingestion/drop-folder/drop-records.ts';
import type { StoredImport } from '../../ingestion/imports/stored-import.ts';
import type { ReconcileState } from '../../ingestion/reconcile/reconcile-state.ts';
import type { KnowledgeBaseKey } from '../../knowledge/document-repository.ts';
import type { Cosmos } from './client.ts';
import { createItemStore, type Item } from './item-store.ts';

interface Stored extends Item, KnowledgeBaseKey {
  readonly kind: 'access-file' | 'reconcile' | 'reconciled-up-to' | 'import';
}

type StoredAccessFile = Stored & AccessFileRecord;
type StoredState = Stored & { readonly state: ReconcileState };
type ImportItem = Stored & StoredImport;
type StoredPosition = Stored & { readonly upTo: string };

const RECONCILE = 'reconcile';
/** One partition for what is of all tenants, because no query may span partitions. */
const EVERYWHERE = { tenantId: 'all', knowledgeBaseId: 'all' };

const MAX_ACCESS_FILES = 1_000;
const REMOVED_AT_ONCE = 100;
const ACCESS_FILES = "SELECT * FROM c WHERE c.kind = 'access-file'";

const IMPORTS = "SELECT * FROM c WHERE c.kind = 'import' ORDER BY c.createdAt DESC, c.id DESC";

const toImport = ({ tenantId, knowledgeBaseId, kind, ...stored }: ImportItem): StoredImport => stored;

const partitionOf = ({ tenantId, knowledgeBaseId }: KnowledgeBaseKey) => [tenantId, knowledgeBaseId];
/** A path may hold what an id may not. */
const accessFileId = (folder: string) => `access-${createHash('sha256').update(folder).digest('hex').slice(0, 40)}`;

export function createDropRecords(cosmos: Cosmos): DropRecords {
  const items = createItemStore<Stored>(cosmos, 'drop-folders');
  const accessFiles = createItemStore<StoredAccessFile>(cosmos, 'drop-folders');
  const states = createItemStore<StoredState>(cosmos, 'drop-folders');
  const positions = createItemStore<StoredPosition>(cosmos, 'drop-folders');
  const imports = createItemStore<ImportItem>(cosmos, 'drop-folders');
  return {
    async findImport(knowledgeBase, id) {
      const found = await imports.read(partitionOf(knowledgeBase), id);
      // The state of reconcile has an id as well.
      if (found?.value.kind !== 'import') return null;
      return { value: toImport(found.value), etag: found.etag };
    },
    async listImports(knowledgeBase, query) {
      const page = await imports.page(partitionOf(knowledgeBase), IMPORTS, query);
      return { ...page, items: page.items.map(toImport) };
    },
    async createImport({ tenantId, knowledgeBaseId }, stored) {
      await imports.create({ ...stored, tenantId, knowledgeBaseId, kind: 'import' });
    },
    async replaceImport(knowledgeBase, stored, etag) {
      const { tenantId, knowledgeBaseId } = knowledgeBase;
      await imports.replace(partitionOf(knowledgeBase), { ...stored, tenantId, knowledgeBaseId, kind: 'import' }, etag);
    },
    async reconcileState(knowledgeBase) {
      return (await states.read(partitionOf(knowledgeBase), RECONCILE))?.value.state ?? null;
    },
    async putReconcileState({ tenantId, knowledgeBaseId }, state) {
      await states.upsert({ id: RECONCILE, tenantId, knowledgeBaseId, kind: 'reconcile', state });
    },
    async reconciledUpTo() {
      return (await positions.read(partitionOf(EVERYWHERE), RECONCILE))?.value.upTo ?? '';
    },
    async putReconciledUpTo(upTo) {
      await positions.upsert({ id: RECONCILE, ...EVERYWHERE, kind: 'reconciled-up-to', upTo });
    },
    async accessFiles(knowledgeBase) {
      const found = await accessFiles.first(partitionOf(knowledgeBase), ACCESS_FILES, MAX_ACCESS_FILES);
      return found.map(({ folder, etag, problem }) => ({ folder, etag, problem }));
    },
    async putAccessFile(knowledgeBase, file) {
      const { tenantId, knowledgeBaseId } = knowledgeBase;
      await accessFiles.upsert({
        id: accessFileId(file.folder),
        tenantId,
        knowledgeBaseId,
        kind: 'access-file',
        ...file,
      });
    },
    removeAccessFile: (knowledgeBase, folder) => items.remove(partitionOf(knowledgeBase), accessFileId(folder)),
    async removeAll(knowledgeBase) {
      const partition = partitionOf(knowledgeBase);
      for (;;) {
        const found = await items.first(partition, 'SELECT * FROM c', REMOVED_AT_ONCE);
        for (const { id } of found) await items.remove(partition, id);
        if (found.length === 0) return;
      }
    },
  };
}
