import { randomUUID } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { Tenant } from '../../shared/contracts/tenants.ts';
import { ask, askStreaming, isType } from './support/conversations.ts';
import { anySignal, counters } from './support/limits.ts';
import { minuteWithSecondsLeft, secondsLeft } from './support/minutes.ts';
import {
  cosmos,
  createKnowledgeBase,
  onboardTenant,
  platformAdmin,
  stack,
  startAnotherApp,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';
import { holding, refusing, type ScriptedModel, startScriptedModel } from './support/scripted-model.ts';

const CHAT = '/api/v1/chat';
const STREAM = '/api/v1/chat/stream';
const hello = { message: 'Hello', knowledgeBaseIds: [] };

let model: ScriptedModel;
let instances: readonly [App, App];

beforeAll(async () => {
  model = await startScriptedModel(stack.urls.models);
  const env = { AZURE_OPENAI_ENDPOINT: model.url };
  instances = await Promise.all([startAnotherApp({ env }), startAnotherApp({ env })]);
});
afterAll(async () => {
  await Promise.all((instances ?? []).map((app) => app.stop()));
  await model?.stop();
});

/** A new person at the first or second instance. */
function personOf(tenant: TestTenant, instance: 0 | 1 = 0, groups: readonly string[] = []): Promise<TestPerson> {
  return tenant.person(['KnowledgeManager'], { apiUrl: instances[instance].url, groups });
}

async function attempt(person: TestPerson, path: string, body: object = hello) {
  const { status, headers, body: answer } = await person.call('POST', path, body);
  return { status, scope: headers.get('x-ratelimit-scope'), headers, answer };
}

const refusedBy = (scope: string) => ({ status: 429, scope });

async function stored(tenantId: string, container: 'sessions' | 'messages'): Promise<number> {
  const { items } = await cosmos.container(container);
  const query = { query: 'SELECT c.id FROM c WHERE c.tenantId = @id', parameters: [{ name: '@id', value: tenantId }] };
  return (await items.query(query, { partitionKey: [tenantId] }).fetchAll()).resources.length;
}

async function storedRuns(tenantId: string): Promise<number> {
  const runs = BlobServiceClient.fromConnectionString(stack.env.PlatformStorage ?? '').getContainerClient('runs');
  let count = 0;
  for await (const _ of runs.listBlobsFlat({ prefix: `${tenantId}/` })) count += 1;
  return count;
}

async function tokensThisMinute(tenantId: string): Promise<number> {
  const state = await counters.read(`tenant:${tenantId}`, anySignal());
  const minutes = Object.entries(state?.tokens ?? {}).filter(([window]) => window.startsWith('minute_'));
  return minutes.reduce((sum, [, amount]) => sum + amount, 0);
}

describe('a limit per minute', () => {
  it('admits no more than it says of 200 chats at two instances, and stores nothing of the others', async () => {
    const LIMIT = 30;
    const policy = { tenantLimits: { requestsPerMinute: LIMIT } };
    const [tenant, other] = await Promise.all([onboardTenant('Busy', policy), onboardTenant('Neighbour', policy)]);
    const people = await Promise.all([personOf(tenant, 0), personOf(tenant, 1)]);
    const neighbours = await Promise.all([personOf(other, 0), personOf(other, 1)]);
    await minuteWithSecondsLeft(15);
    const before = secondsLeft();

    const [answers, nextDoor] = await Promise.all([
      Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          attempt(people[index % 2] as TestPerson, index % 4 < 2 ? CHAT : STREAM),
        ),
      ),
      Promise.all(Array.from({ length: 10 }, (_, index) => attempt(neighbours[index % 2] as TestPerson, CHAT))),
    ]);

    const after = secondsLeft();
    const admitted = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status !== 200 && status !== 503);
    // On a busy machine the counters may take longer than a reservation waits: then fewer are admitted, never more.
    const late = answers.length - admitted.length - refused.length;
    expect(admitted.length).toBeLessThanOrEqual(LIMIT);
    expect(admitted.length + late).toBeGreaterThanOrEqual(LIMIT);
    expect(refused.length).toBeGreaterThan(0);
    const left = admitted.map(({ headers }) => Number(headers.get('x-ratelimit-remaining-requests')));
    expect(new Set(left).size, 'everybody is told another number').toBe(admitted.length);
    for (const { status, scope, headers, answer } of refused) {
      expect({ status, scope }).toEqual(refusedBy(`tenant:${tenant.id}`));
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(answer).toMatchObject({
        status: 429,
        code: 'too_many_requests',
        detail: expect.stringContaining('30 req'),
      });
      expect(headers.get('x-ratelimit-limit-requests')).toBe(String(LIMIT));
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('0');
      const retryAfter = Number(headers.get('retry-after'));
      expect(retryAfter).toBeGreaterThanOrEqual(after);
      expect(retryAfter).toBeLessThanOrEqual(before);
    }
    expect(nextDoor.map(({ status }) => status)).not.toContain(429);
    expect((await attempt(neighbours[0], CHAT)).status).toBe(200);
    const found = await Promise.all([
      stored(tenant.id, 'sessions'),
      stored(tenant.id, 'messages'),
      storedRuns(tenant.id),
    ]);
    expect(found).toEqual([admitted.length, 2 * admitted.length, admitted.length]);
  });

  it('of a user or a tenant counts streams as other chats, and says whose it is', async () => {
    const policy = { userLimits: { requestsPerMinute: 2 }, tenantLimits: { requestsPerMinute: 3 } };
    const tenant = await onboardTenant('Two limits', policy);
    const [one, two] = await Promise.all([personOf(tenant, 0), personOf(tenant, 1)]);
    await minuteWithSecondsLeft(8);

    expect(await attempt(one, STREAM)).toMatchObject({ status: 200, scope: `user:${tenant.id}:${one.oid}` });
    expect(await attempt(one, CHAT)).toMatchObject({ status: 200 });
    const own = refusedBy(`user:${tenant.id}:${one.oid}`);
    expect(await attempt(one, CHAT)).toMatchObject(own);
    expect(await attempt(one, STREAM)).toMatchObject(own);
    expect(await attempt(two, STREAM)).toMatchObject({ status: 200, scope: `tenant:${tenant.id}` });
    expect(await attempt(two, STREAM)).toMatchObject(refusedBy(`tenant:${tenant.id}`));
    expect(await attempt(two, CHAT)).toMatchObject(refusedBy(`tenant:${tenant.id}`));
  });

  it('of a tenant above holds for all below it together', async () => {
    const company = await onboardTenant('Company', { tenantLimits: { requestsPerMinute: 3 } });
    const platform = await platformAdmin();
    const groups = [randomUUID(), randomUUID()] as const;
    const addTeam = (groupId: string, policy: Policy) => {
      const mapping = { entraTenantId: company.entraTenantId, groupId };
      return platform.must<Tenant>('POST', '/api/v1/admin/tenants', {
        name: 'Team',
        parentId: company.id,
        mapping,
        policy,
      });
    };
    const narrow = await addTeam(groups[0], { tenantLimits: { requestsPerMinute: 2 } });
    await addTeam(groups[1], {});
    const [one, other] = await Promise.all([personOf(company, 0, [groups[0]]), personOf(company, 1, [groups[1]])]);
    await minuteWithSecondsLeft(8);

    expect((await attempt(one, CHAT)).status).toBe(200);
    expect((await attempt(one, CHAT)).status).toBe(200);
    expect(await attempt(one, CHAT)).toMatchObject(refusedBy(`tenant:${narrow.id}`));
    expect((await attempt(other, CHAT)).status).toBe(200);
    const last = await attempt(other, CHAT);
    expect(last).toMatchObject(refusedBy(`tenant:${company.id}`));
    expect(last.answer.detail).toContain(`tenant ${company.id} above yours`);
  });

  it('counts searches too', async () => {
    const tenant = await onboardTenant('Searching', { tenantLimits: { requestsPerMinute: 3 } });
    const person = await personOf(tenant);
    const { id } = await createKnowledgeBase(person);
    await minuteWithSecondsLeft(8);

    const ofOne = `/api/v1/knowledge-bases/${id}/query`;
    expect((await attempt(person, '/api/v1/query', { query: 'pay' })).status).toBe(200);
    expect((await attempt(person, ofOne, { query: 'pay' })).status).toBe(200);
    expect((await attempt(person, CHAT)).status).toBe(200);
    const refused = refusedBy(`tenant:${tenant.id}`);
    expect(await attempt(person, '/api/v1/query', { query: 'pay' })).toMatchObject(refused);
    expect(await attempt(person, ofOne, { query: 'pay' })).toMatchObject(refused);
  });

  it('of tokens gets back what an answer did not take, also when its reader left', async () => {
    const tenant = await onboardTenant('Settling', { tenantLimits: { tokensPerMinute: 100_000 } });
    const person = await personOf(tenant);
    await minuteWithSecondsLeft(10);
    const { sessionId } = await ask(person, 'Hello');
    const first = await tokensThisMinute(tenant.id);
    expect(first, 'an answer and a title, as the model counted them').toBe(220);

    const { reply, go } = holding('Once upon');
    model.next(reply);
    const stream = await askStreaming(person, 'Go on', { sessionId });
    await stream.until(isType('text-delta'));
    expect(await tokensThisMinute(tenant.id), 'what is set aside').toBeGreaterThan(first + 1_000);
    stream.leave();
    go(' a time.');
    await expect.poll(() => tokensThisMinute(tenant.id)).toBe(first + 110);
  });

  it('of tokens gets back what an answer that failed before its first word did not take', async () => {
    const tenant = await onboardTenant('Failing', { tenantLimits: { tokensPerMinute: 100_000 } });
    const person = await personOf(tenant);
    const { id } = await createKnowledgeBase(person);
    await minuteWithSecondsLeft(15);
    const { sessionId } = await ask(person, 'Hello');
    const before = await tokensThisMinute(tenant.id);

    const down = Array.from({ length: 3 }, () => refusing(500, 'InternalServerError', { 'retry-after': '0' }));
    // More failures in a row would have the breaker opened.
    const filtered = [refusing(400, 'content_filter')];
    for (const [path, knowledgeBaseIds, replies, status] of [
      [CHAT, [], down, 502],
      [STREAM, [], filtered, 422],
      [CHAT, [id], filtered, 422],
    ] as const) {
      model.next(...replies);
      const failed = await attempt(person, path, { message: 'Name four letters please', sessionId, knowledgeBaseIds });
      expect(failed.status).toBe(status);
    }
    const embedding = (await tokensThisMinute(tenant.id)) - before;
    expect(embedding).toBeGreaterThan(0);
    expect(embedding).toBeLessThan(20);
  });
});

describe('a call that is refused', () => {
  it('costs nothing: no model hears of it', async () => {
    const tenant = await onboardTenant('Small', { tenantLimits: { tokensPerMinute: 0 } });
    const person = await personOf(tenant);
    const { id } = await createKnowledgeBase(person);
    const asked = model.requests.length;
    let embedded = 0;
    model.embedding = (writer) => {
      embedded += 1;
      writer.refuse(500, 'InternalServerError', { 'retry-after': '0' });
    };
    try {
      const chat = { message: 'Hello', knowledgeBaseIds: [id] };
      const answers = [
        await attempt(person, CHAT, chat),
        await attempt(person, STREAM, chat),
        await attempt(person, '/api/v1/query', { query: 'Hello' }),
      ];
      for (const { status, scope, headers, answer } of answers) {
        expect({ status, scope }).toEqual(refusedBy(`tenant:${tenant.id}`));
        expect(headers.get('retry-after'), 'waiting would not help').toBeNull();
        expect(answer.detail).toContain('Ask an administrator');
      }
    } finally {
      model.embedding = undefined;
    }
    expect({ asked: model.requests.length, embedded }).toEqual({ asked, embedded: 0 });
    expect(await counters.read(`tenant:${tenant.id}`, anySignal())).toBeNull();
  });
});

describe('a policy', () => {
  it.each([CHAT, STREAM])('refuses a model that it leaves out, and names those it allows: %s', async (path) => {
    const tenant = await onboardTenant('Choosy', { models: ['gpt-4o'] });

    const { status, answer } = await attempt(await personOf(tenant), path);

    expect(status).toBe(403);
    expect(answer).toMatchObject({ code: 'forbidden', details: { model: 'local-extractive', allowed: ['gpt-4o'] } });
  });

  it('that an administrator changes is in force', async () => {
    const tenant = await onboardTenant('Changing');
    const admin = await tenant.person(['TenantAdmin'], { apiUrl: instances[0].url });
    const platform = await platformAdmin();
    expect((await attempt(admin, CHAT)).status).toBe(200);
    const policy = { userLimits: { requestsPerMinute: 0 } };
    await platform.must('PATCH', `/api/v1/admin/tenants/${tenant.id}`, { policy });

    const { status, answer } = await attempt(await personOf(tenant, 1), CHAT);

    expect(status).toBe(429);
    expect(answer.detail).toContain('Ask an administrator to change that.');
  });
});
