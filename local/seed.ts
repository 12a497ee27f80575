import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { BlobServiceClient } from '@azure/storage-blob';
import { ensureContainers } from '../shared/adapters/blob-storage/containers.ts';
import { createCosmos } from '../shared/adapters/cosmos/client.ts';
import { migrate } from '../shared/adapters/cosmos/migrations.ts';
import { createTenantRepository } from '../shared/adapters/cosmos/tenant-repository.ts';
import { createErasureQueue } from '../shared/adapters/storage-queue/erasure-queue.ts';
import { createIngestionQueues } from '../shared/adapters/storage-queue/ingestion-queues.ts';
import { createUsageQueue } from '../shared/adapters/storage-queue/usage-queue.ts';
import { loadConfig } from '../shared/config.ts';
import type { Access } from '../shared/contracts/access.ts';
import type { KnowledgeDocument } from '../shared/contracts/documents.ts';
import type { KnowledgeBase } from '../shared/contracts/knowledge-bases.ts';
import type { Page } from '../shared/contracts/paging.ts';
import type { Policy } from '../shared/contracts/policy.ts';
import type { Tenant } from '../shared/contracts/tenants.ts';
import { isAppError } from '../shared/errors.ts';
import { derivedId } from '../shared/identifiers.ts';
import type { Organisation } from '../shared/tenants/tenant.ts';
import { findPerson, groups, tenants } from './people.ts';
import { type PlatformClient, platformClient } from './platform-client.ts';
import {
  type SampleAccess,
  type SampleDocument,
  type SampleKnowledgeBase,
  sampleDocuments,
  sampleKnowledgeBases,
} from './sample-documents/catalogue.ts';

const SAMPLES = new URL('./sample-documents/', import.meta.url);
/** Who looks after the samples of a company. */
const KEEPERS = { contoso: 'kim', fabrikam: 'fay' } as const;

export type TenantName = keyof typeof tenants;

export const tenantIdOf = (tenant: TenantName) => derivedId('ten', tenants[tenant].tid);

/** Creates the database, containers and queues, and onboards the two demo companies. Safe to run again. */
export async function prepareStores(
  settings: Readonly<Record<string, string>>,
  policies: Partial<Record<TenantName, Policy>> = {},
): Promise<void> {
  trust(settings.NODE_EXTRA_CA_CERTS ?? '');
  const config = loadConfig(settings);
  const cosmos = createCosmos(config.cosmos);
  await Promise.all([
    migrate(cosmos, () => undefined),
    ensureContainers(config.storage),
    createIngestionQueues(config.storage).ensureQueues(),
    createUsageQueue(config.storage).ensureQueues(),
    createErasureQueue(config.storage).ensureQueues(),
  ]);
  const repository = createTenantRepository(cosmos);
  for (const name of Object.keys(tenants) as TenantName[]) {
    await repository.create(organisationOf(name, policies[name])).catch((error: unknown) => {
      if (!isAppError(error, 'conflict')) throw error;
    });
  }
}

/** A demo company: all of its people are in its topmost tenant, so that they share the sample documents. */
function organisationOf(name: TenantName, policy: Policy = {}): Organisation {
  const { tid: entraTenantId, name: title } = tenants[name];
  const id = tenantIdOf(name);
  const at = new Date().toISOString();
  const usual = { status: 'active', policy: {}, createdAt: at, updatedAt: at } as const;
  const mapping = { entraTenantId, groupId: null };
  const company: Tenant = { ...usual, policy, id, name: title, parentId: null, mapping };
  const labs: Tenant = {
    ...usual,
    id: derivedId('ten', id, 'labs'),
    name: `${title} Labs`,
    parentId: id,
    mapping: null,
  };
  return { id, tenants: name === 'contoso' ? [company, labs] : [company] };
}

/** What `NODE_EXTRA_CA_CERTS` does for a process that is about to start, for one that runs already. */
function trust(certificatePath: string): void {
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificatePath, 'utf8')]);
}

/** Where the seed talks to: a running app and the emulators beside it. */
export interface SeedTarget {
  readonly apiUrl: string;
  readonly identityUrl: string;
  readonly storage: string;
}

/** Creates the sample knowledge bases that are missing and gives the id of each by its key. */
export async function seedKnowledgeBases(target: SeedTarget): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const sample of sampleKnowledgeBases) ids.set(sample.key, await ensureKnowledgeBase(target, sample));
  return ids;
}

/** Brings in the sample documents that are missing, each through its door; they are indexed in the background. */
export async function seedDocuments(target: SeedTarget, knowledgeBaseIds: ReadonlyMap<string, string>): Promise<void> {
  for (const sample of sampleKnowledgeBases) {
    const id = knowledgeBaseIds.get(sample.key) ?? '';
    const keeper = await keeperOf(target, sample.tenant);
    const present = new Set((await documentsOf(keeper, id)).map((document) => document.name));
    const missing = sampleDocuments.filter(
      ({ knowledgeBase, file }) => knowledgeBase === sample.key && !present.has(file),
    );
    for (const document of missing) await bringIn(target, keeper, { ...sample, id }, document);
  }
}

/** The documents of a knowledge base as its keeper sees them; the samples fit on one page. */
export async function documentsOf(client: PlatformClient, knowledgeBaseId: string): Promise<KnowledgeDocument[]> {
  const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents?limit=100`;
  return (await client.must<Page<KnowledgeDocument>>('GET', path)).items;
}

export function keeperOf({ apiUrl, identityUrl }: SeedTarget, tenant: TenantName): Promise<PlatformClient> {
  return platformClient(apiUrl, identityUrl, KEEPERS[tenant]);
}

async function ensureKnowledgeBase(target: SeedTarget, sample: SampleKnowledgeBase): Promise<string> {
  const keeper = await keeperOf(target, sample.tenant);
  const { items } = await keeper.must<{ items: KnowledgeBase[] }>('GET', '/api/v1/knowledge-bases');
  const found = items.find(({ name }) => name === sample.name);
  if (found) return found.id;
  const { name, description, access } = sample;
  const body = { name, description, access: accessOf(access) };
  return (await keeper.must<KnowledgeBase>('POST', '/api/v1/knowledge-bases', body)).id;
}

async function bringIn(
  target: SeedTarget,
  keeper: PlatformClient,
  knowledgeBase: { tenant: TenantName; id: string },
  document: SampleDocument,
): Promise<void> {
  const content = await readFile(new URL(document.file, SAMPLES));
  if (document.door === 'drop') {
    const name = `${tenantIdOf(knowledgeBase.tenant)}/${knowledgeBase.id}/${document.file}`;
    await BlobServiceClient.fromConnectionString(target.storage)
      .getContainerClient('drop')
      .getBlockBlobClient(name)
      .uploadData(content);
    return;
  }
  const path = `/api/v1/knowledge-bases/${knowledgeBase.id}/documents`;
  const { status, body } = await keeper.upload(
    path,
    document.file,
    content,
    document.access && accessOf(document.access),
  );
  if (status !== 202) throw new Error(`${document.file} was refused: ${JSON.stringify(body)}`);
}

function accessOf({ visibility, users, groups: groupKeys, roles }: SampleAccess): Access {
  return {
    visibility,
    users: users.map((userName) => findPerson(userName)?.oid ?? ''),
    groups: groupKeys.map((key) => groups[key as keyof typeof groups]),
    roles: roles as Access['roles'],
  };
}
