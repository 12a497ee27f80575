import { AppError } from '../../errors.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../../knowledge/document-repository.ts';
import type { Versioned } from '../../versioned.ts';
import type { Cosmos } from './client.ts';
import { createItemStore } from './item-store.ts';

const NEWEST_FIRST = 'ORDER BY c.createdAt DESC, c.id DESC';
const LAST_CHANGE = 'SELECT VALUE MAX(c.updatedAt) FROM c WHERE c.importId = @importId';
const CHUNKS = 'SELECT VALUE SUM(c.chunkCount) FROM c WHERE IS_NUMBER(c.termCount)';
const TERMS = 'SELECT VALUE SUM(c.termCount) FROM c WHERE IS_NUMBER(c.termCount)';
const BY_CREATOR = 'SELECT * FROM c WHERE c.createdBy = @userId';
const UNCHANGED =
  "SELECT * FROM c WHERE c.id > @after AND (c.updatedAt < @before OR c.status = 'deleting') ORDER BY c.id ASC";
const IN_FOLDER = 'SELECT * FROM c WHERE c.id > @after AND STARTSWITH(c["drop"].path, @folder) ORDER BY c.id ASC';
const BY_ID = 'SELECT * FROM c WHERE c.id > @after ORDER BY c.id ASC';
const BY_IDS = 'SELECT * FROM c WHERE ARRAY_CONTAINS(@ids, c.id)';
const COUNT_DROPPED = 'SELECT VALUE COUNT(1) FROM c WHERE c["drop"].etag != "" AND c.status != "deleting"';

type Values = Readonly<Record<string, string | string[]>>;

/** Records from before there were revisions and screening have neither. */
type Later = 'revision' | 'findings';
type DocumentItem = Omit<StoredDocument, Later> & Partial<Pick<StoredDocument, Later>>;

const toDocument = (item: DocumentItem): StoredDocument => ({ revision: 0, findings: [], ...item });
const toVersioned = ({ value, etag }: Versioned<DocumentItem>) => ({ value: toDocument(value), etag });

const LIVE = "c.liveVersion > 0 AND c.status != 'deleting'";
const NOT_LIVE_IN =
  `SELECT * FROM c WHERE c.id > @after AND ${LIVE} ` +
  'AND (NOT IS_DEFINED(c.liveIn) OR NOT ARRAY_CONTAINS(c.liveIn, @model)) ORDER BY c.id ASC';
const COUNT_LIVE = `SELECT VALUE COUNT(1) FROM c WHERE ${LIVE}`;
const COUNT_LIVE_IN = `${COUNT_LIVE} AND ARRAY_CONTAINS(c.liveIn, @model)`;

const partitionOf = ({ tenantId, knowledgeBaseId }: Omit<DocumentKey, 'documentId'>) => [tenantId, knowledgeBaseId];

export function createDocumentRepository(cosmos: Cosmos): DocumentRepository {
  const items = createItemStore<DocumentItem>(cosmos, 'documents');

  async function first(knowledgeBase: Omit<DocumentKey, 'documentId'>, query: string, values: Values, limit: number) {
    const parameters = Object.entries(values).map(([name, value]) => ({ name: `@${name}`, value }));
    return (await items.first(partitionOf(knowledgeBase), { query, parameters }, limit)).map(toDocument);
  }

  return {
    async find(key) {
      const found = await items.read(partitionOf(key), key.documentId);
      return found && toVersioned(found);
    },
    async list(tenantId, knowledgeBaseId, { status, importId, ...page }) {
      const query = where('SELECT * FROM c', { status, importId }, NEWEST_FIRST);
      const found = await items.page([tenantId, knowledgeBaseId], query, page);
      return { ...found, items: found.items.map(toDocument) };
    },
    countOf: (knowledgeBase, status, importId) =>
      items.total(partitionOf(knowledgeBase), where('SELECT VALUE COUNT(1) FROM c', { status, importId })),
    async lastChange(knowledgeBase, importId) {
      const query = { query: LAST_CHANGE, parameters: [{ name: '@importId', value: importId }] };
      return (await items.latest(partitionOf(knowledgeBase), query)) ?? null;
    },
    count: (tenantId, knowledgeBaseId) => items.count([tenantId, knowledgeBaseId]),
    async lengths(tenantId, knowledgeBaseId) {
      const partition = [tenantId, knowledgeBaseId];
      const [chunks, terms] = await Promise.all([items.total(partition, CHUNKS), items.total(partition, TERMS)]);
      return { chunks, terms };
    },
    createdBy: (tenantId, knowledgeBaseId, userId, limit) =>
      first({ tenantId, knowledgeBaseId }, BY_CREATOR, { userId }, limit),
    unchangedSince: (tenantId, knowledgeBaseId, before, { after, limit }) =>
      first({ tenantId, knowledgeBaseId }, UNCHANGED, { after, before }, limit),
    byId: (knowledgeBase, { after, limit }) => first(knowledgeBase, BY_ID, { after }, limit),
    byIds: (knowledgeBase, ids) => first(knowledgeBase, BY_IDS, { ids: [...ids] }, ids.length),
    countDropped: (knowledgeBase) => items.total(partitionOf(knowledgeBase), COUNT_DROPPED),
    inFolder: (knowledgeBase, folder, { after, limit }) => first(knowledgeBase, IN_FOLDER, { after, folder }, limit),
    notLiveIn: (tenantId, knowledgeBaseId, model, { after, limit }) =>
      first({ tenantId, knowledgeBaseId }, NOT_LIVE_IN, { after, model }, limit),
    async countLive(tenantId, knowledgeBaseId, model) {
      const partition = partitionOf({ tenantId, knowledgeBaseId });
      const parameters = [{ name: '@model', value: model }];
      // In this order: a document that goes live in between is missed as one that is there, not as one that there is.
      const inModel = await items.total(partition, { query: COUNT_LIVE_IN, parameters });
      const all = await items.total(partition, COUNT_LIVE);
      return { all, inModel };
    },
    create: async (document) => toVersioned(await items.create(document)),
    async replace(document, etag) {
      const replaced = await items.replace(partitionOf(document), document, etag);
      if (!replaced) throw new AppError('precondition_failed', 'The document was deleted meanwhile.');
      return toVersioned(replaced);
    },
    remove: (key) => items.remove(partitionOf(key), key.documentId),
  };
}

/** A query for documents whose fields have these values; one without a value does not matter. */
function where(
  select: string,
  values: { readonly status?: string | undefined; readonly importId?: string | undefined },
  order = '',
) {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const conditions = given.map(([name]) => `c.${name} = @${name}`).join(' AND ');
  const query = `${select}${conditions && ` WHERE ${conditions}`}${order && ` ${order}`}`;
  return { query, parameters: given.map(([name, value]) => ({ name: `@${name}`, value })) };
}
