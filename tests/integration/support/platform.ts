import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { inject } from 'vitest';
import { API_AUDIENCE, SHELL_CLIENT_ID } from '../../../local/emulators/identity/access-token.ts';
import { tenants } from '../../../local/people.ts';
import { clientWithToken, type PlatformClient } from '../../../local/platform-client.ts';
import { type App, type AppOptions, startApp } from '../../../local/stack.ts';
import { createCosmos } from '../../../shared/adapters/cosmos/client.ts';
import { createTenantRepository } from '../../../shared/adapters/cosmos/tenant-repository.ts';
import type { Access, Role } from '../../../shared/contracts/access.ts';
import { isSettled, type KnowledgeDocument } from '../../../shared/contracts/documents.ts';
import type { KnowledgeBase } from '../../../shared/contracts/knowledge-bases.ts';
import type { Policy } from '../../../shared/contracts/policy.ts';
import type { Tenant } from '../../../shared/contracts/tenants.ts';
import { newId } from '../../../shared/identifiers.ts';
import { httpOnly } from './http-only.ts';

const POLL_MS = 50;

export const stack = inject('stack');
setDefaultCACertificates([...getCACertificates('default'), readFileSync(stack.env.NODE_EXTRA_CA_CERTS ?? '', 'utf8')]);

/** Opens a client of the local Cosmos DB, to look behind the public door. */
export const cosmos = createCosmos({
  endpoint: stack.env.COSMOS_ENDPOINT ?? '',
  key: stack.env.COSMOS_KEY,
  database: stack.env.COSMOS_DATABASE ?? '',
});

export interface PersonOptions {
  readonly oid?: string;
  readonly groups?: readonly string[];
  readonly apiUrl?: string;
}

/** A tenant of its own for one test file, so that nothing else in the stack can be seen from it. */
export interface TestTenant {
  readonly id: string;
  readonly entraTenantId: string;
  /** A new person with the given roles, signed in. */
  person(roles: readonly Role[], options?: PersonOptions): Promise<TestPerson>;
}

export interface TestPerson extends PlatformClient {
  readonly oid: string;
}

/** Onboards an organisation of one tenant, with `policy` as its own. */
export async function onboardTenant(name = 'Test tenant', policy: Policy = {}): Promise<TestTenant> {
  const id = newId('ten');
  const entraTenantId = randomUUID();
  const at = new Date().toISOString();
  const mapping = { entraTenantId, groupId: null };
  const times = { createdAt: at, updatedAt: at };
  const tenant: Tenant = { id, name, parentId: null, mapping, status: 'active', policy, ...times };
  await createTenantRepository(cosmos).create({ id, tenants: [tenant] });
  return {
    id,
    entraTenantId,
    async person(roles, options = {}) {
      const oid = options.oid ?? randomUUID();
      const token = await signToken({ tid: entraTenantId, oid, roles, groups: options.groups ?? [] });
      return { ...clientWithToken(options.apiUrl ?? stack.apiUrl, token), oid };
    },
  };
}

/** Somebody who runs the platform: from the one Entra tenant whose `PlatformAdmin` role counts. */
export async function platformAdmin(options: PersonOptions = {}): Promise<TestPerson> {
  const oid = options.oid ?? randomUUID();
  const token = await signToken({ tid: tenants.contoso.tid, oid, roles: ['PlatformAdmin'] });
  return { ...clientWithToken(options.apiUrl ?? stack.apiUrl, token), oid };
}

/** Has the local identity provider sign an access token; `claims` win over those of an ordinary person. */
export async function signToken(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const issuer = `${stack.urls.identity}/${claims.tid}/v2.0`;
  const usual = {
    aud: API_AUDIENCE,
    iss: issuer,
    azp: SHELL_CLIENT_ID,
    scp: 'access_as_user',
    ver: '2.0',
    name: 'Test Person',
  };
  const response = await fetch(`${stack.urls.identity}/_control/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ claims: { iat: now, nbf: now, exp: now + 3600, ...usual, ...claims } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`No token: ${text}`);
  return text.startsWith('{') ? (JSON.parse(text) as { token: string }).token : text.trim();
}

/**
 * Starts one more instance of the app on the shared stack; the caller stops it. It answers requests only: with settings of
 * its own it could not do the work of others that waits in the shared queues.
 */
export function startAnotherApp({ env, ...options }: AppOptions = {}): Promise<App> {
  return startWorkingApp({ ...options, env: { ...httpOnly, ...env } });
}

/** Starts one more instance that takes work as well, for a test with queues of its own. */
export function startWorkingApp(options: AppOptions): Promise<App> {
  const logFile = join(stack.directory, 'state', 'logs', `app-${randomUUID()}.log`);
  return startApp({ directory: stack.appDirectory, port: 0, ...options }, stack.env, logFile);
}

export function createKnowledgeBase(
  keeper: PlatformClient,
  fields: Partial<{ name: string; access: Access; chunking: object }> = {},
): Promise<KnowledgeBase> {
  return keeper.must('POST', '/api/v1/knowledge-bases', { name: `Test ${randomUUID()}`, ...fields });
}

/** Uploads a text or file and waits until it is ready or failed. */
export async function uploadAndWait(
  keeper: PlatformClient,
  knowledgeBaseId: string,
  name: string,
  content: Uint8Array | string,
  access?: Access,
): Promise<KnowledgeDocument> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents`;
  const { status, body } = await keeper.upload<KnowledgeDocument>(path, name, bytes, access);
  if (status !== 202) throw new Error(`${name} was refused with ${status}: ${JSON.stringify(body)}`);
  return settled(keeper, body);
}

/** Waits until a document is ready, held or failed. */
export function settled(
  client: PlatformClient,
  { knowledgeBaseId, id }: { knowledgeBaseId: string; id: string },
): Promise<KnowledgeDocument> {
  return eventually(async () => {
    const document = await client.must<KnowledgeDocument>(
      'GET',
      `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${id}`,
    );
    return isSettled(document.status) ? document : undefined;
  });
}

/** Asks again until there is an answer; fails after `timeoutMs`. */
export async function eventually<T>(ask: () => Promise<T | undefined>, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Still waiting after ${timeoutMs} ms.`);
    await sleep(POLL_MS);
  }
}

/** The JSON events of a response that streams, up to its end. */
export async function readEvents(response: Response): Promise<{ id: string | undefined; data: string }[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((block) => /^data: /m.test(block))
    .map((block) => ({ id: /^id: (.*)$/m.exec(block)?.[1], data: /^data: (.*)$/m.exec(block)?.[1] ?? '' }));
}
