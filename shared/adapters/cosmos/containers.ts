import type { CompositePath, ContainerRequest, PartitionKeyDefinition } from '@azure/cosmos';

export type ContainerName = 'tenants' | 'users' | 'sessions' | 'messages' | 'knowledge-bases' | 'documents';

export type ContainerDefinition = ContainerRequest & {
  readonly id: ContainerName;
  readonly partitionKey: PartitionKeyDefinition;
};

/** Every container of the main path. Nothing in them expires, so none has a time to live. */
export const containers: Readonly<Record<ContainerName, ContainerDefinition>> = {
  tenants: define('tenants', ['/id']),
  users: define('users', ['/tenantId']),
  sessions: define('sessions', ['/tenantId', '/userId'], newestFirst('/updatedAt')),
  messages: define('messages', ['/tenantId', '/sessionId'], newestFirst('/createdAt'), oldestFirst('/createdAt')),
  'knowledge-bases': define('knowledge-bases', ['/tenantId']),
  documents: define('documents', ['/tenantId', '/knowledgeBaseId'], newestFirst('/createdAt')),
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

function newestFirst(path: string): CompositePath[] {
  return [path, '/id'].map((sorted) => ({ path: sorted, order: 'descending' }));
}

function oldestFirst(path: string): CompositePath[] {
  return [path, '/id'].map((sorted) => ({ path: sorted, order: 'ascending' }));
}
