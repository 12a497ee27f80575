import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { startModelServer } from '../../local/emulators/model-server/server.ts';
import type { App } from '../../local/stack.ts';
import { ensureContainers } from '../../shared/adapters/blob-storage/containers.ts';
import { createUsageRepository } from '../../shared/adapters/cosmos/usage-repository.ts';
import { createIngestionQueues } from '../../shared/adapters/storage-queue/ingestion-queues.ts';
import { createUsageQueue } from '../../shared/adapters/storage-queue/usage-queue.ts';
import type { UsageRecord, UsageReport } from '../../shared/contracts/usage.ts';
import { newId } from '../../shared/identifiers.ts';
import type { UsageTotal } from '../../shared/usage/usage-total.ts';
import type { Versioned } from '../../shared/versioned.ts';
import { startAzurite } from './fixtures/functions-host/start-azurite.ts';
import {
  cosmos,
  createKnowledgeBase,
  eventually,
  onboardTenant,
  platformAdmin,
  readEvents,
  stack,
  startWorkingApp,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

interface Reported {
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
}

const JSON_BODY = { 'content-type': 'application/json' };

let app: App;
let models: Emulator;
let storage: Awaited<ReturnType<typeof startAzurite>>;
const repository = createUsageRepository(cosmos);

beforeAll(async () => {
  [storage, models] = await Promise.all([
    startAzurite(),
    startModelServer({ port: 0, stateDirectory: join(stack.directory, 'state', randomUUID()) }),
  ]);
  const { connectionString } = storage;
  await Promise.all([
    ensureContainers({ connectionString }),
    createIngestionQueues({ connectionString }).ensureQueues(),
    createUsageQueue({ connectionString }).ensureQueues(),
  ]);
  const env = {
    AzureWebJobsStorage: connectionString,
    PlatformStorage: connectionString,
    AZURE_OPENAI_ENDPOINT: models.url,
    AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1',
  };
  app = await startWorkingApp({ env });
});

afterAll(async () => {
  await app?.stop();
  await Promise.all([models?.stop(), storage?.stop()]);
});

const today = () => new Date().toISOString().slice(0, 10);

/** A range of days that holds the whole test, also when it runs at midnight. */
function lately(): string {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  return `from=${yesterday}&to=${today()}`;
}

const reportOf = (person: TestPerson, groupBy: string, range = lately()) =>
  person.must<UsageReport>('GET', `/api/v1/admin/usage?${range}&groupBy=${groupBy}`);

/** What the model server says that it reported, by deployment. */
async function reported(): Promise<Record<string, Reported>> {
  const response = await fetch(`${models.url}/_control/requests`);
  const { deployments } = (await response.json()) as { deployments: Record<string, Reported> };
  return Object.fromEntries(
    Object.entries(deployments).map(([name, { promptTokens, completionTokens, cachedTokens }]) => [
      name,
      { requests: deployments[name]?.requests ?? 0, promptTokens, completionTokens, cachedTokens },
    ]),
  );
}

/** The same, as the ledger has it. */
async function entered(person: TestPerson): Promise<Record<string, Reported>> {
  const { groups } = await reportOf(person, 'model');
  return Object.fromEntries(
    groups.map((one) => [
      one.group,
      {
        requests: one.calls,
        promptTokens: one.inputTokens,
        completionTokens: one.outputTokens,
        cachedTokens: one.cachedInputTokens,
      },
    ]),
  );
}

describe('the ledger', () => {
  it('adds up to what the models reported, over chats, streams, readers who left, searches and ingestion', async () => {
    await fetch(`${models.url}/_control/requests`, { method: 'DELETE' });
    const tenant = await onboardTenant();
    const apiUrl = app.url;
    const keeper = await tenant.person(['KnowledgeManager'], { apiUrl });
    const finance = await tenant.person(['FinanceViewer'], { apiUrl });
    const one = await createKnowledgeBase(keeper);
    const other = await createKnowledgeBase(keeper);
    const sections = Array.from({ length: 60 }, (_, number) => `## Part ${number}\n\n${'Pay is monthly. '.repeat(60)}`);
    await uploadAndWait(keeper, one.id, 'handbook.md', `# Handbook\n\n${sections.join('\n\n')}`);
    await uploadAndWait(keeper, other.id, 'note.md', '# Note\n\nHolidays are 28 days.');
    const ask = (message: string, ids: string[]) => ({ message, knowledgeBaseIds: ids });

    await keeper.must('POST', '/api/v1/chat', ask('When is pay?', [one.id]));
    await keeper.must('POST', '/api/v1/chat', ask('When is pay?', [one.id]));
    await keeper.must('POST', '/api/v1/chat', ask('Hello', []));
    await readEvents(await stream(keeper, ask('How many holidays?', [one.id, other.id])));
    await leave(await stream(keeper, ask('How many days are holidays?', [other.id])));
    await askAsOpenAiClient(keeper, one.id);
    await keeper.must('POST', '/api/v1/query', { query: 'pay' });
    await keeper.must('POST', `/api/v1/knowledge-bases/${one.id}/query`, { query: 'pay' });
    await keeper.call('POST', '/api/v1/query', { query: 'pay', knowledgeBaseIds: [newId('kb')] });

    await eventually(async () => {
      const [wanted, found] = await Promise.all([reported(), entered(finance)]);
      return JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(found)) || undefined;
    }).catch(async () => expect(sorted(await entered(finance))).toEqual(sorted(await reported())));
    expect((await reported())['local-extractive']?.cachedTokens).toBeGreaterThan(0);

    const users = await reportOf(finance, 'user');
    expect(users.groups.map(({ group }) => group)).toEqual([keeper.oid]);
    expect(users.total.costMicroUsd).toBeGreaterThan(0);
    expect(users.total.savedMicroUsd).toBeGreaterThan(0);
    const bases = await reportOf(finance, 'knowledge-base');
    expect(new Set(bases.groups.map(({ group }) => group))).toEqual(new Set([null, one.id, other.id]));
    const kinds = await reportOf(finance, 'kind');
    expect(kinds.groups.map(({ group }) => group)).toEqual(['chat', 'embedding', 'ingestion', 'title']);
    for (const { total } of [bases, kinds]) expect(total).toEqual(users.total);
  });

  it('counts an answer that was stopped by its length, and says so', async () => {
    const tenant = await onboardTenant();
    const keeper = await tenant.person(['KnowledgeManager', 'FinanceViewer'], { apiUrl: app.url });
    const pace = (settings: object) =>
      fetch(`${models.url}/_control/settings`, {
        method: 'PUT',
        headers: JSON_BODY,
        body: JSON.stringify(settings),
      });
    await pace({ tokensPerSecond: 2 });
    const response = await stream(keeper, { message: 'Tell me a long story about tea.', knowledgeBaseIds: [] });
    await keeper.must('POST', `/api/v1/runs/${response.headers.get('x-run-id')}/stop`);
    await response.text();
    await pace({});

    const { total } = await eventually(async () => {
      const report = await reportOf(keeper, 'day');
      return report.total.estimatedTokens > 0 ? report : undefined;
    });
    expect(total.estimatedTokens).toBeLessThanOrEqual(total.inputTokens + total.outputTokens);
  });
});

describe('the totals', () => {
  it('are added up by the clock, without anybody asking for them', async () => {
    const tenant = await onboardTenant();
    const member = await tenant.person(['Member'], { apiUrl: app.url });
    await member.must('POST', '/api/v1/chat', { message: 'Hello', knowledgeBaseIds: [] });

    const totals = await eventually(async () => {
      await fetch(`${app.url}/admin/functions/usage-totals`, { method: 'POST', body: '{}', headers: JSON_BODY });
      const found = await totalsOf(tenant.id, today());
      return found.length === 2 ? found : undefined;
    });

    expect(totals.map(({ value }) => value.kind).toSorted()).toEqual(['chat', 'title']);
    const within = { tenantId: tenant.id, from: today(), to: today() };
    await eventually(async () => ((await repository.dirtyDays(1, within)).length === 0 ? true : undefined));
  });
});

describe('the report', () => {
  let tenant: TestTenant;
  let finance: TestPerson;
  const range = 'from=2026-01-31&to=2026-02-01';
  const knowledgeBaseId = newId('kb');

  beforeAll(async () => {
    tenant = await onboardTenant();
    finance = await tenant.person(['FinanceViewer'], { apiUrl: app.url });
    const records = [
      record({ at: '2026-01-31T23:59:59.999Z', userId: '=HYPERLINK("http://example.com")' }),
      record({ at: '2026-02-01T00:00:00.000Z', knowledgeBaseId, kind: 'ingestion', userId: null }),
      record({ at: '2026-02-02T00:00:00.000Z' }),
    ];
    const queue = createUsageQueue(storage);
    await Promise.all([queue.send(records), queue.send(records.toReversed()), queue.send([...records, ...records])]);
    await eventually(async () => ((await reportOf(finance, 'day', range)).total.calls === 2 ? true : undefined));
  });

  const record = (fields: Partial<UsageRecord>): UsageRecord => ({
    id: newId('use'),
    tenantId: tenant.id,
    at: '2026-01-31T12:00:00.000Z',
    kind: 'chat',
    userId: 'somebody',
    knowledgeBaseId: null,
    model: 'gpt-4.1',
    inputTokens: 100,
    cachedInputTokens: 40,
    outputTokens: 10,
    isEstimated: false,
    costMicroUsd: 220,
    savedMicroUsd: 60,
    priceVersion: '2025-04',
    ...fields,
  });

  it('counts an event once, however often and in whatever order it is delivered', async () => {
    const { groups, total } = await reportOf(finance, 'day', range);

    expect(groups.map(({ group, calls }) => [group, calls])).toEqual([
      ['2026-01-31', 1],
      ['2026-02-01', 1],
    ]);
    expect(total).toMatchObject({ calls: 2, inputTokens: 200, cachedInputTokens: 80, costMicroUsd: 440 });
  });

  it('is CSV that no spreadsheet runs', async () => {
    const { headers, body } = await finance.call<string>('GET', `/api/v1/admin/usage?${range}&groupBy=user&format=csv`);

    expect(headers.get('content-type')).toContain('text/csv');
    expect(headers.get('content-disposition')).toContain('attachment');
    expect(body.split('\r\n')).toEqual([
      'user,calls,inputTokens,cachedInputTokens,outputTokens,estimatedTokens,costMicroUsd,savedMicroUsd,units',
      ',1,100,40,10,0,220,60,0',
      `"'=HYPERLINK(""http://example.com"")",1,100,40,10,0,220,60,0`,
      '',
    ]);
  });

  it('has the columns of FOCUS for chargeback', async () => {
    const { body } = await finance.call<string>('GET', `/api/v1/admin/usage?${range}&format=focus`);
    const [columns = '', january = '', february = ''] = body.split('\r\n');
    const cell = (line: string, column: string) => line.split(',')[columns.split(',').indexOf(column)];

    expect(columns.split(',')).toEqual(expect.arrayContaining(MANDATORY_IN_FOCUS));
    expect(cell(february, 'BilledCost')).toBe('0.000220');
    expect(cell(february, 'BillingAccountId')).toBe(tenant.id);
    expect(cell(february, 'SubAccountId')).toBe(tenant.id);
    expect(cell(february, 'BillingPeriodStart')).toBe('2026-02-01T00:00:00Z');
    expect(cell(february, 'BillingPeriodEnd')).toBe('2026-03-01T00:00:00Z');
    expect(cell(january, 'ChargePeriodStart')).toBe('2026-01-31T00:00:00Z');
    expect(cell(january, 'ChargePeriodEnd')).toBe('2026-02-01T00:00:00Z');
    expect(cell(january, 'ConsumedQuantity')).toBe('110');
  });

  it.each(['from=2026-02-01&to=2026-01-31', 'from=2025-01-01&to=2026-02-01', 'from=2026-02-30&to=2026-03-01', ''])(
    'refuses the range %s',
    async (wrong) => {
      expect((await finance.call('GET', `/api/v1/admin/usage?${wrong}`)).status).toBe(400);
    },
  );

  it('is for those who may see it, and of no foreign tenant', async () => {
    const apiUrl = app.url;
    const member = await tenant.person(['Member'], { apiUrl });
    const stranger = await (await onboardTenant()).person(['TenantAdmin', 'FinanceViewer'], { apiUrl });
    const platform = await platformAdmin({ apiUrl });
    const path = `/api/v1/admin/usage?${range}&tenantId=${tenant.id}`;

    expect((await member.call('GET', path)).status).toBe(403);
    expect((await stranger.call('GET', path)).status).toBe(404);
    expect((await platform.must<UsageReport>('GET', path)).total.calls).toBe(2);
    expect((await finance.call('GET', `/api/v1/admin/usage?${range}&tenantId=${newId('ten')}`)).status).toBe(404);
  });

  it('is right again after a rebuild, which says what was wrong', async () => {
    expect(await rebuild(tenant.id, '2026-01')).toBe('drift: 0');
    const [total] = await totalsOf(tenant.id, '2026-01-31');
    if (!total) throw new Error('There is no total.');
    await repository.saveTotal({ ...total.value, costMicroUsd: 1 }, total.etag);

    expect(await rebuild(tenant.id, '2026-01')).toBe('drift: 1');
    expect(await rebuild(tenant.id, '2026-01')).toBe('drift: 0');
    expect((await reportOf(finance, 'day', range)).total.costMicroUsd).toBe(440);
  });
});

const MANDATORY_IN_FOCUS = [
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'ContractedCost',
  'EffectiveCost',
  'InvoiceIssuerName',
  'ListCost',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'ServiceCategory',
  'ServiceName',
];

/** Everything that a client of OpenAI's API can do, streaming and not, and one who leaves. */
async function askAsOpenAiClient(person: TestPerson, knowledgeBaseId: string): Promise<void> {
  const messages = [{ role: 'user', content: 'When is pay?' }];
  const models = ['local-extractive', `kb/${knowledgeBaseId}`];
  const calls = models.flatMap((model) =>
    [true, false].flatMap((isStream) => [
      { path: 'chat/completions', body: { model, messages, stream: isStream } },
      { path: 'responses', body: { model, input: 'When is pay?', stream: isStream } },
    ]),
  );
  const embedding = { path: 'embeddings', body: { model: 'local-hashing-embedding', input: ['pay', 'holidays'] } };
  const several = { path: 'chat/completions', body: { model: 'local-extractive', messages, n: 3 } };
  const post = (path: string, body: object) =>
    person.fetch(`/openai/v1/${path}`, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });
  for (const { path, body } of [...calls, embedding, several]) {
    const response = await post(path, body);
    expect({ status: response.status, text: await response.text() }).toMatchObject({ status: 200 });
  }
  await leave(await post('chat/completions', { model: 'local-extractive', messages, stream: true }));
}

function stream(person: TestPerson, body: object): Promise<Response> {
  return person.fetch('/api/v1/chat/stream', { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });
}

/** Reads the beginning of an answer and hangs up. */
async function leave(response: Response): Promise<void> {
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
}

const sorted = <T>(record: Record<string, T>) =>
  Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));

async function totalsOf(tenantId: string, day: string): Promise<Versioned<UsageTotal>[]> {
  const found: Versioned<UsageTotal>[] = [];
  for await (const page of repository.totals(tenantId, day, day)) found.push(...page);
  return found;
}

/** The last line that the command prints. */
async function rebuild(tenantId: string, month: string): Promise<string | undefined> {
  const env = { ...process.env, ...stack.env };
  const { stdout } = await promisify(execFile)(process.execPath, ['infra/rebuild-usage.ts', tenantId, month], { env });
  return stdout.trim().split('\n').at(-1);
}
