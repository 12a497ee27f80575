import type { Container, Database } from '@azure/cosmos';
import type { Cosmos } from './client.ts';
import { type ContainerName, containers } from './containers.ts';
import { toAppError } from './errors.ts';

export interface Migration {
  /** The id of its record, so it never changes once released. */
  readonly name: string;
  /** Idempotent: when two start at once both may run it. */
  readonly run: (database: Database) => Promise<void>;
}

export type MigrationLog = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** In the order in which they are applied; new ones go to the end. */
const migrations: readonly Migration[] = [
  {
    name: '0001-main-path-containers',
    run: createContainers(['tenants', 'users', 'sessions', 'messages', 'knowledge-bases', 'documents']),
  },
  { name: '0002-counters', run: createContainers(['counters']) },
  { name: '0003-usage', run: createContainers(['usage']) },
  { name: '0004-audit-log', run: createContainers(['audit-log']) },
  { name: '0005-api-keys', run: createContainers(['api-keys']) },
  { name: '0006-erasures', run: createContainers(['erasures']) },
  { name: '0007-tool-servers', run: createContainers(['tool-servers']) },
  { name: '0008-messages-time-to-live', run: (database) => redefineContainer(database, 'messages') },
  { name: '0009-drop-folders', run: createContainers(['drop-folders']) },
  { name: '0010-documents-by-status', run: (database) => redefineContainer(database, 'documents') },
];

const RECORDS = { id: 'migrations', partitionKey: { paths: ['/id'], version: 2 } };

/**
 * Creates the database and applies, in order, every migration that has no record yet.
 * @returns the names of those that this call applied and recorded
 */
export async function migrate(cosmos: Cosmos, log: MigrationLog, steps = migrations): Promise<string[]> {
  try {
    const database = await cosmos.database();
    await unlessThere(database.client.databases.createIfNotExists({ id: database.id }));
    await unlessThere(database.containers.createIfNotExists(RECORDS));
    const records = database.container(RECORDS.id);
    const applied: string[] = [];
    for (const step of steps) if (await apply(step, database, records)) applied.push(step.name);
    log('migrated the database', { database: database.id, applied });
    return applied;
  } catch (error) {
    throw toAppError(error);
  }
}

async function apply({ name, run }: Migration, database: Database, records: Container): Promise<boolean> {
  const { statusCode } = await records.item(name, name).read();
  if (statusCode !== 404) return false;
  await run(database);
  return unlessThere(records.items.create({ id: name, appliedAt: new Date().toISOString() }));
}

function createContainers(names: readonly ContainerName[]): Migration['run'] {
  return async (database) => {
    for (const name of names) await unlessThere(database.containers.createIfNotExists(containers[name]));
  };
}

/** Applies what can be changed of a container: how it is indexed and what expires. */
async function redefineContainer(database: Database, name: ContainerName): Promise<void> {
  await database.container(name).replace(containers[name]);
}

/** False when somebody else created it at the same moment. */
async function unlessThere(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 409) return false;
    throw error;
  }
}
