import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenFor } from '../../local/platform-client.ts';
import { tenantIdOf } from '../../local/seed.ts';
import type { Stack } from '../../local/stack.ts';
import { createCosmos } from '../../shared/adapters/cosmos/client.ts';
import { createTenantRepository } from '../../shared/adapters/cosmos/tenant-repository.ts';
import { loadConfig } from '../../shared/config.ts';
import type { ModelCatalog } from '../../shared/contracts/models.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { Snapshot } from './instant-cosmos.ts';

const PLENTY = 1_000_000_000;
const limits = { tokensPerMinute: PLENTY, requestsPerMinute: PLENTY };
/** Limits of the tenant and of each user, so that every call is counted twice, and a budget; none is ever reached. */
const policy: Policy = {
  tenantLimits: limits,
  userLimits: limits,
  tenantBudgets: { month: { microUsd: PLENTY, hard: true } },
};
const KEPT_CONTAINERS = ['tenants', 'users'];
const EMBEDDING = 'embedding';

/** Gives the demo company limits, and writes down what an app without its stores must know of it. */
export async function prepareTenant(
  { env, urls }: Stack,
  directory: string,
): Promise<{ token: string; snapshotFile: string }> {
  const cosmos = createCosmos(loadConfig(env).cosmos);
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
  const snapshotFile = join(directory, 'snapshot.json');
  await writeFile(snapshotFile, JSON.stringify(snapshot));
  return { token: await tokenFor(urls.identity, 'kim'), snapshotFile };
}

/** The settings of an app whose models are the mock's. */
export async function platformSettings(
  { env }: Stack,
  directory: string,
  mockUrl: string,
): Promise<Record<string, string>> {
  const chatModel = (name: string) => ({
    kind: 'chat' as const,
    name,
    contextTokens: 128_000,
    maxOutputTokens: 4_096,
    size: 'small' as const,
    abilities: [],
    prices: [],
    deployments: [{ endpoint: 'mock', deployment: name, priority: 1, weight: 1 }],
  });
  const catalog: ModelCatalog = {
    endpoints: {
      mock: { kind: 'azure', url: mockUrl, region: 'local', zone: 'local', apiKeySetting: 'AZURE_OPENAI_API_KEY' },
    },
    models: [
      chatModel('fast'),
      chatModel('paced'),
      {
        kind: 'embedding',
        name: EMBEDDING,
        contextTokens: 8_192,
        dimensions: 512,
        prices: [],
        deployments: [{ endpoint: 'mock', deployment: EMBEDDING, priority: 1, weight: 1 }],
      },
    ],
  };
  const catalogFile = join(directory, 'models.json');
  await writeFile(catalogFile, JSON.stringify(catalog));
  return { ...env, MODELS_FILE: catalogFile, LOG_LEVEL: 'warn' };
}
