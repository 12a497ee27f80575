import type { CompositePath, ContainerRequest, PartitionKeyDefinition } from '@azure/cosmos';

export type ContainerName =
  | 'tenants'
  | 'users'
  | 'sessions'
  | 'messages'
  | 'knowledge-bases'
  | 'documents'
  | 'counters'
  | 'usage'
  | 'audit-log'
  | 'api-keys'
  | 'erasures'
  | 'tool-servers'
  | 'drop-folders';

export type ContainerDefinition = ContainerRequest & {
  readonly id: ContainerName;
  readonly partitionKey: PartitionKeyDefinition;
};

/** A counter that nobody touched for longer than a month holds no window that still counts. */
const COUNTERS_LIVE_SECONDS = 35 * 24 * 60 * 60;

/** What people look for in a month of acts; ids are always indexed. */
const AUDIT_FILTERS = ['/action', '/actor/id', '/subject', '/outcome'];

/** What is counted and listed of a knowledge base with many documents. */
const DOCUMENT_FILTERS = ['/status', '/importId', '/drop/path'];

/** Items expire that say so themselves, and no other. */
const BY_ITEM = -1;

/** Every container. Nothing in those of the main path expires but a run that waits for approval, beside its messages. */
export const containers: Readonly<Record<ContainerName, ContainerDefinition>> = {
  tenants: define('tenants', ['/id']),
  users: define('users', ['/tenantId']),
  sessions: define('sessions', ['/tenantId', '/userId'], newestFirst('/updatedAt'), oldestFirst('/updatedAt')),
  messages: {
    ...define('messages', ['/tenantId', '/sessionId'], newestFirst('/createdAt'), oldestFirst('/createdAt')),
    defaultTtl: BY_ITEM,
  },
  'knowledge-bases': define('knowledge-bases', ['/tenantId']),
  documents: alsoBy(
    DOCUMENT_FILTERS,
    define('documents', ['/tenantId', '/knowledgeBaseId'], newestFirst('/createdAt')),
  ),
  usage: define('usage', ['/tenantId', '/month']),
  'audit-log': alsoBy(AUDIT_FILTERS, define('audit-log', ['/tenantId', '/month'])),
  'api-keys': define('api-keys', ['/id']),
  erasures: define('erasures', ['/tenantId']),
  'drop-folders': define('drop-folders', ['/tenantId', '/knowledgeBaseId'], newestFirst('/createdAt')),
  'tool-servers': define('tool-servers', ['/tenantId']),
  counters: { ...define('counters', ['/scope']), defaultTtl: COUNTERS_LIVE_SECONDS },
};

/** Indexes what finds a partition and the orders in which its pages are read; nothing else is ever asked for. */
function define(id: ContainerName, paths: string[], ...orders: CompositePath[][]): ContainerDefinition {
  return {
    id,
    partitionKey: {
      paths,
      version: 2,
      kind: (paths.length > 1 ? 'MultiHash' : 'Hash') as NonNullable<PartitionKeyDefinition['kind']>,
    },
    indexingPolicy: {
      indexingMode: 'consistent',
      automatic: true,
      includedPaths: paths.filter((path) => path !== '/id').map((path) => ({ path: `${path}/?` })),
      excludedPaths: [{ path: '/*' }],
      compositeIndexes: orders,
    },
  };
}

function alsoBy(fields: readonly string[], definition: ContainerDefinition): ContainerDefinition {
  const { indexingPolicy } = definition;
  const includedPaths = [...(indexingPolicy?.includedPaths ?? []), ...fields.map((field) => ({ path: `${field}/?` }))];
  return { ...definition, indexingPolicy: { ...indexingPolicy, includedPaths } };
}

function newestFirst(path: string): CompositePath[] {
  return [path, '/id'].map((sorted) => ({ path: sorted, order: 'descending' }));
}

function oldestFirst(path: string): CompositePath[] {
  return [path, '/id'].map((sorted) => ({ path: sorted, order: 'ascending' }));
}
