import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientWithToken, type PlatformClient } from '../../local/platform-client.ts';
import type { App } from '../../local/stack.ts';
import type { Readiness } from '../../shared/contracts/health.ts';
import type { Problem } from '../../shared/contracts/problem.ts';
import { createKnowledgeBase, onboardTenant, signToken, stack, startAnotherApp } from './support/platform.ts';
import { type SwitchableProxy, startSwitchableProxy } from './support/switchable-proxy.ts';

type Server = keyof typeof stack.urls;

/** What /health/ready calls the thing behind each server. */
const dependencyOf: Readonly<Record<Server, string>> = {
  cosmos: 'cosmos-db',
  blob: 'blob-storage',
  queue: 'storage-queue',
  qdrant: 'qdrant',
  models: 'models',
  identity: 'identity-provider',
};
const servers = Object.keys(dependencyOf) as Server[];

const proxies = new Map<Server, SwitchableProxy>();
let app: App;
let person: PlatformClient;
let knowledgeBaseId: string;

const proxy = (server: Server) => {
  const found = proxies.get(server);
  if (!found) throw new Error(`No proxy before ${server}`);
  return found;
};

beforeAll(async () => {
  for (const server of servers) proxies.set(server, await startSwitchableProxy(stack.urls[server]));
  const storage = (stack.env.PlatformStorage ?? '')
    .replace(stack.urls.blob, proxy('blob').url)
    .replace(stack.urls.queue, proxy('queue').url);
  const authority = proxy('identity').url;
  app = await startAnotherApp({
    env: {
      COSMOS_ENDPOINT: proxy('cosmos').url,
      PlatformStorage: storage,
      QDRANT_URL: proxy('qdrant').url,
      AZURE_OPENAI_ENDPOINT: proxy('models').url,
      AUTH_AUTHORITY: authority,
    },
  });
  const { entraTenantId: tid } = await onboardTenant();
  const roles = ['KnowledgeManager'];
  const token = await signToken({ tid, oid: randomUUID(), roles, iss: `${authority}/${tid}/v2.0` });
  person = clientWithToken(app.url, token);
  knowledgeBaseId = (await createKnowledgeBase(person)).id;
});

afterAll(async () => {
  await app?.stop();
  await Promise.all([...proxies.values()].map((one) => one.stop()));
});

async function readiness(url = app.url): Promise<Readiness & { httpStatus: number }> {
  const response = await fetch(`${url}/health/ready`);
  return { ...((await response.json()) as Readiness), httpStatus: response.status };
}

async function whileCut(server: Server, run: () => Promise<void>): Promise<void> {
  proxy(server).cut();
  try {
    await run();
  } finally {
    proxy(server).restore();
  }
}

describe('readiness', () => {
  it('names every dependency with its latency while all is well', async () => {
    const { httpStatus, status, dependencies } = await readiness();

    expect({ httpStatus, status }).toEqual({ httpStatus: 200, status: 'ready' });
    expect(dependencies).toHaveLength(servers.length);
    for (const server of servers) {
      const dependency = dependencies.find(({ name }) => name === dependencyOf[server]);
      expect(dependency).toEqual({
        name: dependencyOf[server],
        status: 'up',
        latencyMilliseconds: expect.any(Number),
      });
    }
  });

  it('does not need the identity provider while its keys are known', async () => {
    await whileCut('identity', async () => {
      expect(await readiness()).toMatchObject({ httpStatus: 200 });
      expect((await person.call('GET', '/api/v1/me')).status).toBe(200);
    });
  });
});

describe('while everything is down', () => {
  it('the process says that it lives and what is missing, and works again afterwards', async () => {
    for (const one of proxies.values()) one.cut();
    try {
      expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
      const { httpStatus, dependencies } = await readiness();
      expect(httpStatus).toBe(503);
      expect(dependencies.filter(({ status }) => status === 'down')).toHaveLength(servers.length - 1);
      expect((await fetch(`${app.url}/openapi.json`)).status).toBe(200);
    } finally {
      for (const one of proxies.values()) one.restore();
    }
    expect(await readiness()).toMatchObject({ status: 'ready' });
  });
});

describe('a server that is down', () => {
  const upload = () =>
    person.upload(`/api/v1/knowledge-bases/${knowledgeBaseId}/documents`, 'a.txt', Buffer.from('A.'));
  const search = () => person.call('POST', '/api/v1/query', { query: 'holiday', knowledgeBaseIds: [knowledgeBaseId] });
  const chat = () => person.call('POST', '/api/v1/chat', { message: 'Hello', knowledgeBaseIds: [] });

  it.each<[Server, () => Promise<{ status: number; headers: Headers; body: unknown }>]>([
    ['cosmos', () => person.call('GET', '/api/v1/sessions')],
    ['qdrant', search],
    ['models', chat],
    ['blob', upload],
    ['queue', upload],
  ])('is named with advice, and callers are told when to come back: %s', async (server, ask) => {
    await person.must('GET', '/api/v1/me');
    await whileCut(server, async () => {
      const [{ httpStatus, dependencies }, { status, headers, body }] = await Promise.all([readiness(), ask()]);

      expect(httpStatus).toBe(503);
      expect(dependencies.filter((dependency) => dependency.status === 'down')).toMatchObject([
        { name: dependencyOf[server], advice: expect.stringContaining('Check') },
      ]);
      expect(status).toBe(503);
      expect(body as Problem).toMatchObject({ status: 503, code: 'dependency_unavailable' });
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    });
    expect(await readiness()).toMatchObject({ httpStatus: 200 });
    // The breaker of a model that was down lets a probe through after a second or two.
    await expect.poll(async () => (await ask()).status, { timeout: 10_000, interval: 500 }).toBeLessThan(300);
  });
});

describe('a wrong configuration', () => {
  let broken: App;

  beforeAll(async () => {
    broken = await startAnotherApp({
      env: {
        COSMOS_ENDPOINT: '',
        PlatformStorage: '',
        QDRANT_URL: 'secret-value-of-a-setting',
        MAX_UPLOAD_MEGABYTES: 'secret-value-of-a-setting',
        AUTH_DEV_CLAIMS: 'secret-value-of-a-setting',
        LOG_LEVEL: 'secret-value-of-a-setting',
        AUTH_AUDIENCES: '',
      },
    });
  });
  afterAll(() => broken?.stop());

  it('is listed setting by setting without a value, and nothing is served', async () => {
    const ready = await readiness(broken.url);

    expect(ready).toMatchObject({ httpStatus: 503, status: 'not-ready' });
    const advice = ready.dependencies.map((dependency) => dependency.advice).join('\n');
    for (const setting of [
      'COSMOS_ENDPOINT',
      'PlatformStorage',
      'QDRANT_URL',
      'MAX_UPLOAD_MEGABYTES',
      'AUTH_DEV_CLAIMS',
      'LOG_LEVEL',
      'AUTH_AUDIENCES',
    ]) {
      expect(advice).toContain(setting);
    }
    expect(JSON.stringify(ready)).not.toContain('secret-value');

    const { status, headers, body } = await clientWithToken(broken.url, person.token).call('GET', '/api/v1/me');
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'dependency_unavailable' });
    expect(headers.get('retry-after')).not.toBeNull();
    expect((await fetch(`${broken.url}/health/live`)).status).toBe(200);
  });
});
