import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalProcess } from '../../local/child-process.ts';
import { tokenFor } from '../../local/platform-client.ts';
import { tenantIdOf } from '../../local/seed.ts';
import { createCosmos } from '../../shared/adapters/cosmos/client.ts';
import { createTenantRepository } from '../../shared/adapters/cosmos/tenant-repository.ts';
import { loadConfig } from '../../shared/config.ts';
import type { ModelCatalog } from '../../shared/contracts/models.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { PrivateStack } from '../private-stack.ts';
import { buildInstantApp } from './build-apps.ts';
import type { Snapshot } from './instant-cosmos.ts';
import type { Processes } from './processes.ts';

/** Our app, as instances of it can be started and asked. */
export interface Platform {
  /** What a request of a person who is signed in carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** Starts an instance with the emulators as its stores (`stored`), or with stores that answer at once. */
  start(
    stores: 'stored' | 'instant',
    catalog: ModelCatalog,
    environment?: Readonly<Record<string, string>>,
  ): Promise<LocalProcess>;
}

const PLENTY = 1_000_000_000;
const limits = { tokensPerMinute: PLENTY, requestsPerMinute: PLENTY };
/** Limits of the tenant and of each user, so that every call is counted twice, and a budget; none is ever reached. */
const policy: Policy = {
  tenantLimits: limits,
  userLimits: limits,
  tenantBudgets: { month: { microUsd: PLENTY, hard: true } },
};
const KEPT_CONTAINERS = ['tenants', 'users'];

/** What Azure's front end says of the address that a client has asked. */
export const workerHeaders = { 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'http' };

/** Builds the app for both kinds of stores, and gives the demo company limits. */
export async function preparePlatform(
  { stack, appDirectory }: PrivateStack,
  processes: Processes,
  directory: string,
): Promise<Platform> {
  const instantApp = join(directory, 'instant-app');
  await buildInstantApp(instantApp);
  const snapshotFile = join(directory, 'snapshot.json');
  await writeFile(snapshotFile, JSON.stringify(await limitDemoCompany(stack.env)));
  const token = await tokenFor(stack.urls.identity, 'kim');
  let started = 0;
  return {
    headers: { ...workerHeaders, authorization: `Bearer ${token}` },
    async start(stores, catalog, environment = {}) {
      started += 1;
      const MODELS_FILE = join(directory, `models-${started}.json`);
      await writeFile(MODELS_FILE, JSON.stringify(catalog));
      const settings = { ...stack.env, MODELS_FILE, LOG_LEVEL: 'warn', BENCH_SNAPSHOT: snapshotFile, ...environment };
      const app = stores === 'stored' ? appDirectory : instantApp;
      return processes.start(`${stores}-${started}`, './worker-process.ts', [app], settings);
    },
  };
}

/** Gives back what an app without its stores must know. */
async function limitDemoCompany(settings: Readonly<Record<string, string>>): Promise<Snapshot> {
  const cosmos = createCosmos(loadConfig(settings).cosmos);
  const tenants = createTenantRepository(cosmos);
  const organisation = await tenants.find(tenantIdOf('contoso'));
  if (!organisation) throw new Error('The demo company is not there.');
  const { value, etag } = organisation;
  const limited = value.tenants.map((tenant) => (tenant.id === value.id ? { ...tenant, policy } : tenant));
  await tenants.replace({ ...value, tenants: limited }, etag);

  const snapshot: Record<string, Snapshot[string]> = {};
  for (const name of KEPT_CONTAINERS) {
    const { resources } = await (await cosmos.container(name)).items.readAll().fetchAll();
    snapshot[name] = resources as unknown as Snapshot[string];
  }
  cosmos.close();
  return snapshot;
}
