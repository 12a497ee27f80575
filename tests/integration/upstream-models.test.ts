import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import type { Model } from '../../shared/contracts/models.ts';
import { ask, askStreaming, isType, messagesOf, textOf } from './support/conversations.ts';
import { type CatalogInput, chatModel, hashingModel, modelsFile } from './support/models-file.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  stack,
  startAnotherApp,
  type TestPerson,
  uploadAndWait,
} from './support/platform.ts';

interface LoggedRequest {
  readonly region: string;
  readonly operation: string;
  readonly excerpt: string;
  readonly status?: number;
  readonly aborted: boolean;
}

const TESTS = 40;
/** Those of this file, and that of the stack that all share. */
const IN_EUROPE = /^eu-|^swedencentral$/;
/** Others use the model server too: these regions are ours alone, two for each test. */
const mine = randomUUID().slice(0, 8);
const regions = Array.from({ length: TESTS }, (_, test) => ({ eu: `eu-${mine}-${test}`, us: `us-${mine}-${test}` }));

let env: Record<string, string>;
let app: App;
let member: TestPerson;
let sameTenantAt: (app: App) => Promise<TestPerson>;
/** The first model and its regions are for what no test looks at. */
let test = 0;
let eu = '';
let us = '';
let model = '';

const endpointAt = (region: string, zone: string): CatalogInput['endpoints'][string] => ({
  ...{ kind: 'azure', url: `${stack.urls.models}/regions/${region}`, region, zone, apiKeySetting: 'TEST_MODEL_KEY' },
});

const deployedIn = (places: { eu: string; us: string }) =>
  [places.eu, places.us].map((endpoint, index) => ({ endpoint, deployment: 'local-extractive', priority: index + 1 }));

beforeAll(async () => {
  const [home] = regions;
  const endpoints = Object.fromEntries(
    regions.flatMap((places) => [
      [places.eu, endpointAt(places.eu, 'eu')],
      [places.us, endpointAt(places.us, 'us')],
    ]),
  );
  const models = regions.map((places, index) => chatModel(`model-${index}`, [], { deployments: deployedIn(places) }));
  const deployments = [{ endpoint: home?.us ?? '', deployment: 'local-extractive-large' }];
  const large = chatModel('large', [], { size: 'large', contextTokens: 60_000, deployments });
  const embedding = hashingModel(home?.us ?? '', home?.eu ?? '');
  env = modelsFile({ endpoints, models: [...models, large, embedding] });
  app = await startAnotherApp({ env });
  const tenant = await onboardTenant();
  member = await tenant.person(['Member'], { apiUrl: app.url });
  sameTenantAt = ({ url }) => tenant.person(['Member'], { apiUrl: url });
});
beforeEach(() => {
  test += 1;
  ({ eu, us } = regions[test] ?? { eu: '', us: '' });
  model = `model-${test}`;
});
afterAll(() => app?.stop());

async function plan(...failures: readonly object[]): Promise<void> {
  const body = JSON.stringify(failures);
  const headers = { 'content-type': 'application/json' };
  const { ok } = await fetch(`${stack.urls.models}/_control/failures`, { method: 'POST', headers, body });
  expect(ok).toBe(true);
}

async function requests(): Promise<readonly LoggedRequest[]> {
  const answer = await fetch(`${stack.urls.models}/_control/requests`);
  return ((await answer.json()) as { requests: readonly LoggedRequest[] }).requests;
}

async function requestsTo(region: string): Promise<readonly LoggedRequest[]> {
  return (await requests()).filter((request) => request.region === region);
}

/** The first question makes a title as well, which is another call: so every test asks in a session that has one. */
async function sessionWithTitle(): Promise<string> {
  return (await ask(member, 'Hello', { model: 'model-0' })).sessionId;
}

const statuses = async (region: string) => (await requestsTo(region)).map(({ status }) => status);
const throttle = (region: string, header: string, value: string) => ({
  ...{ kind: 'throttle', region, retryAfter: { header, value } },
});

describe('a throttled region', () => {
  it.each([
    ['retry-after-ms', '30000'],
    ['retry-after', '30'],
    ['retry-after', new Date(Date.now() + 120_000).toUTCString()],
    ['retry-after', '86400'],
  ])('lets another one answer, and is left alone: %s: %s', async (header, value) => {
    const sessionId = await sessionWithTitle();
    await plan(throttle(eu, header, value));
    for (let asked = 0; asked < 3; asked += 1) {
      expect((await ask(member, 'Hello', { model, sessionId })).finishReason).toBe('stop');
    }
    expect([await statuses(eu), await statuses(us)]).toEqual([[429], [200, 200, 200]]);
  });

  it('answers nobody when all are, with the shortest wait and no further call', async () => {
    const sessionId = await sessionWithTitle();
    await plan(throttle(eu, 'retry-after', '50'), throttle(us, 'retry-after', '20'));
    const body = { message: 'Hello', knowledgeBaseIds: [], model, sessionId };
    for (let asked = 0; asked < 3; asked += 1) {
      const answer = await member.call('POST', '/api/v1/chat', body);
      expect([answer.status, answer.body.code]).toEqual([429, 'too_many_requests']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(10);
      expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(20);
    }
    expect([await statuses(eu), await statuses(us)]).toEqual([[429], [429]]);
  });

  it('is left alone by another instance too', async () => {
    const sessionId = await sessionWithTitle();
    const other = await startAnotherApp({ env });
    try {
      await plan(throttle(eu, 'retry-after', '50'));
      await ask(member, 'Hello', { model, sessionId });
      const elsewhere = await sameTenantAt(other);
      // Its first question makes it read what others know, for the second.
      await ask(elsewhere, 'Hello', { model: 'model-0' });
      await ask(elsewhere, 'Hello', { model });
      expect((await requestsTo(eu)).map(({ status }) => status)).toEqual([429]);
    } finally {
      await other.stop();
    }
  });
});

describe('a failure before the first token', () => {
  it.each([
    { kind: 'server-error' },
    { kind: 'cut-stream', afterTokens: 0 },
    { kind: 'error-in-stream', afterTokens: 0 },
  ])('is answered by another region, with one answer: $kind', async (failure) => {
    const sessionId = await sessionWithTitle();
    await plan({ ...failure, region: eu });
    const answer = await ask(member, 'Hello', { model, sessionId });
    expect(answer.text).toContain('local-extractive');
    expect([(await requestsTo(eu)).length, await statuses(us)]).toEqual([1, [200]]);
    expect(await messagesOf(member, sessionId)).toHaveLength(4);
  });

  it('that the prompt filter caused is told, not repeated, and cools nothing', async () => {
    const sessionId = await sessionWithTitle();
    await plan({ kind: 'content-filter-prompt', region: eu });
    const body = { message: 'Hello', knowledgeBaseIds: [], model, sessionId };
    const { status, body: problem } = await member.call('POST', '/api/v1/chat', body);
    expect([status, problem.code]).toEqual([422, 'content_filtered']);
    await ask(member, 'Hello', { model, sessionId });
    expect([await statuses(eu), await statuses(us)]).toEqual([[400, 200], []]);
  });
});

describe('a failure after the first token', () => {
  it.each(['cut-stream', 'error-in-stream'])(
    'ends the stream, keeps the text and asks nobody else: %s',
    async (kind) => {
      const sessionId = await sessionWithTitle();
      await plan({ kind, region: eu, afterTokens: 3 });
      const events = await (await askStreaming(member, 'Hello', { model, sessionId })).until();
      expect(textOf(events)).toBe('I am local-extractive,');
      expect(events.filter(isType('error'))).toHaveLength(1);
      expect((await messagesOf(member, sessionId)).at(-1)).toMatchObject({
        ...{ role: 'assistant', text: 'I am local-extractive,', finishReason: 'error' },
      });
      expect([(await requestsTo(eu)).length, (await requestsTo(us)).length]).toEqual([1, 0]);
    },
  );
});

it.each(['malformed-frames', 'split-utf8'])('odd frames change nothing: %s', async (kind) => {
  const sessionId = await sessionWithTitle();
  await plan({ kind, region: eu });
  const answer = await ask(member, 'Hello', { model, sessionId });
  expect(answer).toMatchObject({ finishReason: 'stop', text: expect.stringMatching(/OpenAI API\.$/) });
  expect(answer.usage.outputTokens).toBeGreaterThan(10);
});

describe('a pinned tenant', () => {
  it('never leaves its regions: not for chats, questions or documents, even when they fail', async () => {
    // Any instance may index the document, and what others index may come to this one.
    const word = `gate${randomUUID().slice(0, 8)}`;
    const pinned = await onboardTenant('Pinned', { residencyRegions: ['eu'], defaultModel: model });
    const keeper = await pinned.person(['KnowledgeManager'], { apiUrl: app.url });
    const { id } = await createKnowledgeBase(keeper);
    await uploadAndWait(keeper, id, 'gate.md', `# Gate\n\nThe ${word} opens at seven.\n`);
    await ask(keeper, `When does the ${word} open?`, { knowledgeBaseIds: [id] });
    await plan({ kind: 'server-error', region: eu, times: 20 });
    const failed = { message: `And when does the ${word} close?`, knowledgeBaseIds: [id] };
    expect((await keeper.call('POST', '/api/v1/chat', failed)).status).toBe(502);

    const sent = (await requests()).filter(({ excerpt }) => excerpt.includes(word));
    expect(sent.filter(({ operation }) => operation === 'embeddings').length).toBeGreaterThan(2);
    expect(sent.filter(({ region }) => !IN_EUROPE.test(region))).toEqual([]);
    expect(await requestsTo(us)).toEqual([]);
    const large = { message: 'Hello', knowledgeBaseIds: [], model: 'large' };
    expect((await keeper.call('POST', '/api/v1/chat', large)).status).toBe(403);
  });
});

describe('the list of models', () => {
  const listed = async (person: TestPerson) => (await person.must<{ items: Model[] }>('GET', '/api/v1/models')).items;

  it('shows what a caller may use, where, and for what price', async () => {
    const items = await listed(member);
    expect(items).toHaveLength(TESTS + 2);
    expect(items[0]).toEqual({
      name: 'model-0',
      kind: 'chat',
      isDefault: true,
      contextTokens: 16_000,
      maxOutputTokens: 1_024,
      abilities: [],
      regions: [regions[0]?.eu, regions[0]?.us],
      price: { input: 400_000, cachedInput: 100_000, output: 1_600_000 },
    });
  });

  it('leaves out what the policy leaves out', async () => {
    const policy = { models: ['model-1', 'large'], residencyRegions: ['eu'] };
    const person = await (await onboardTenant('Narrow', policy)).person(['Member'], { apiUrl: app.url });
    const items = await listed(person);
    expect(items.map(({ name, isDefault, regions: where }) => [name, isDefault, where])).toEqual([
      ['model-1', true, [regions[1]?.eu]],
    ]);
  });
});

describe('a choice', () => {
  it('of auto is the large model for what is long', async () => {
    expect((await ask(member, 'Hello', { model: 'auto' })).model).toBe('model-0');
    expect((await ask(member, 'Compare the two plans', { model: 'auto' })).model).toBe('large');
    expect((await ask(member, 'Hello '.repeat(2_500), { model: 'auto' })).model).toBe('large');
  });

  it('of a model that does not exist is refused', async () => {
    const body = { message: 'Hello', knowledgeBaseIds: [], model: 'gpt-9' };
    expect((await member.call('POST', '/api/v1/chat', body)).status).toBe(404);
  });
});
