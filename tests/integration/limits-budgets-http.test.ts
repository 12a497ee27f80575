import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUsageRepository } from '../../shared/adapters/cosmos/usage-repository.ts';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import type { UsageRecord } from '../../shared/contracts/usage.ts';
import { createPriceBook } from '../../shared/models/price-book.ts';
import { ask, askStreaming, isType } from './support/conversations.ts';
import { anySignal, counters } from './support/limits.ts';
import {
  cosmos,
  createKnowledgeBase,
  eventually,
  onboardTenant,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { type ScriptedApp, startScriptedApp } from './support/scripted-app.ts';
import { holding, refusing, type ScriptedModel } from './support/scripted-model.ts';

const DAY = 86_400_000;
const PLENTY = 1_000_000_000;
/** What a chat without a search sets aside: its question and the longest answer. */
const HELLO = { inputTokens: 2, cachedInputTokens: 0, outputTokens: 1_024 };

const usage = createUsageRepository(cosmos);
let model: ScriptedModel;
let app: ScriptedApp;

beforeAll(async () => {
  app = await startScriptedApp();
  ({ model } = app);
});
afterAll(() => app?.stop());

const keeperOf = (tenant: TestTenant) => tenant.person(['KnowledgeManager'], { apiUrl: app.url });
const chat = (person: TestPerson, knowledgeBaseIds: string[] = []) =>
  person.call('POST', '/api/v1/chat', { message: 'Hello', knowledgeBaseIds });

const secondsLeftToday = () => Math.ceil((DAY - (Date.now() % DAY)) / 1_000);

async function ledgerOf({ id }: TestTenant): Promise<UsageRecord[]> {
  const days = [new Date(Date.now() - DAY), new Date()].map((day) => day.toISOString().slice(0, 10));
  const records: UsageRecord[] = [];
  for (const day of days) for await (const page of usage.records({ tenantId: id, day })) records.push(...page);
  return records;
}

const kindsOf = (records: readonly UsageRecord[]) => records.map(({ kind }) => kind).sort();

const entered = (records: readonly UsageRecord[]) => ({
  tokens: records.reduce((sum, record) => sum + record.inputTokens + record.outputTokens, 0),
  microUsd: records.reduce((sum, record) => sum + record.costMicroUsd, 0),
});

/** What a tenant's counters have for days, and what running calls hold. */
async function countedFor({ id }: TestTenant) {
  const state = await counters.read(`tenant:${id}`, anySignal());
  const sumOf = (amounts: Readonly<Record<string, number>> = {}, prefix = '') =>
    Object.entries(amounts).reduce((sum, [window, amount]) => sum + (window.startsWith(prefix) ? amount : 0), 0);
  return {
    used: { tokens: sumOf(state?.tokens, 'day_'), microUsd: sumOf(state?.microUsd, 'day_') },
    held: sumOf(state?.heldTokens) + sumOf(state?.heldMicroUsd),
  };
}

describe('the counters of a tenant', () => {
  it('end with exactly what the ledger has of chats, streams, readers who left, failures, searches and ingestion', async () => {
    const day = { tokens: PLENTY, microUsd: PLENTY, hard: true };
    const tenant = await onboardTenant('Counted', { tenantBudgets: { day } });
    const person = await keeperOf(tenant);
    const { id } = await createKnowledgeBase(person);
    const uploader = await tenant.person(['KnowledgeManager'], { oid: person.oid });
    await uploadAndWait(uploader, id, 'pay.md', '# Pay\n\nPay is monthly.\n');

    const { sessionId } = await ask(person, 'Hello');
    await ask(person, 'When is pay?', { knowledgeBaseIds: [id], sessionId });
    await (await askStreaming(person, 'Hello')).until();
    const { reply, go } = holding('Once');
    model.next(reply);
    const left = await askStreaming(person, 'Tell me');
    await left.until(isType('text-delta'));
    left.leave();
    go(' upon a time.');
    await person.must('POST', '/api/v1/query', { query: 'pay' });
    expect((await person.call('POST', '/api/v1/chat', { message: 'Hello', knowledgeBaseIds: ['kb_x'] })).status).toBe(
      400,
    );
    model.next(...Array.from({ length: 3 }, () => refusing(500, 'InternalServerError', { 'retry-after': '0' })));
    expect((await chat(person, [id])).status).toBe(502);

    // One of the chats made a whole question of the follow-up.
    const kinds = ['chat', 'chat', 'chat', 'chat', 'chat', 'embedding', 'embedding', 'embedding', 'ingestion'];
    kinds.push('title', 'title', 'title', 'title');
    const records = await eventually(async () => {
      const found = await ledgerOf(tenant);
      return found.length >= kinds.length ? found : undefined;
    });
    expect(kindsOf(records)).toEqual(kinds);
    await expect.poll(() => countedFor(tenant)).toEqual({ used: entered(records), held: 0 });
  });
});

describe('a budget', () => {
  it('in money that is hard refuses until the day ends, and says so', async () => {
    const { microUsd } = createPriceBook().amountsOf('local-extractive', HELLO, new Date().toISOString());
    const tenant = await onboardTenant('Thrifty', { tenantBudgets: { day: { microUsd, hard: true } } });
    const person = await keeperOf(tenant);
    const before = secondsLeftToday();
    expect((await chat(person)).status).toBe(200);

    const { status, headers, body } = await chat(person);

    expect(status).toBe(429);
    expect(headers.get('x-ratelimit-scope')).toBe(`tenant:${tenant.id}`);
    const retryAfter = Number(headers.get('retry-after'));
    expect(retryAfter).toBeLessThanOrEqual(before);
    expect(retryAfter).toBeGreaterThanOrEqual(secondsLeftToday());
    expect(body.detail).toMatch(
      /^Your tenant may use \$0\.\d+ per day: \$0\.\d+ left, .* Try again at .*T00:00:00\.000Z\.$/,
    );
    expect(await countedFor(tenant), 'the refused one left nothing').toMatchObject({ held: 0 });
  });

  it('that is soft admits, and puts 50, 80 and 100 % on record once', async () => {
    const tenant = await onboardTenant('Warned', { tenantBudgets: { day: { tokens: 350, hard: false } } });
    const [person, auditor] = await Promise.all([keeperOf(tenant), tenant.person(['Auditor'])]);
    const onRecord = async () => {
      const path = '/api/v1/admin/audit?action=budget.threshold-crossed';
      const { items } = await auditor.must<Page<AuditItem>>('GET', path);
      return items.map(({ subject, details }) => [subject, details.thresholdPercent, details.hard]).reverse();
    };

    expect((await chat(person)).status).toBe(200);
    await expect.poll(onRecord).toEqual([[`tenant:${tenant.id}`, 50, false]]);
    for (let more = 0; more < 3; more += 1) expect((await chat(person)).status).toBe(200);

    const scope = `tenant:${tenant.id}`;
    await expect.poll(async () => (await onRecord()).length).toBe(3);
    expect((await onRecord()).toSorted((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      [scope, 50, false],
      [scope, 80, false],
      [scope, 100, false],
    ]);
  });

  it('of knowledge bases refuses questions to the one that is used up, and no others', async () => {
    const tenant = await onboardTenant('Sharing', { knowledgeBaseBudgets: { day: { tokens: 4_400, hard: true } } });
    const person = await keeperOf(tenant);
    const [one, other] = await Promise.all([createKnowledgeBase(person), createKnowledgeBase(person)]);
    expect((await chat(person, [one.id])).status).toBe(200);

    const { status, headers, body } = await chat(person, [one.id]);

    expect({ status, scope: headers.get('x-ratelimit-scope') }).toEqual({
      status: 429,
      scope: `kb:${tenant.id}:${one.id}`,
    });
    expect(body.detail).toContain(`The knowledge base ${one.id} may use 4,400 tokens per day`);
    for (const ids of [[other.id], [one.id, other.id], []]) expect((await chat(person, ids)).status).toBe(200);
  });
});

describe('an ingestion', () => {
  it('that no limit could ever hold fails with the reason', async () => {
    const tenant = await onboardTenant('Tiny', { tenantLimits: { tokensPerMinute: 1 } });
    const person = await tenant.person(['KnowledgeManager']);
    const { id } = await createKnowledgeBase(person);

    const document = await uploadAndWait(person, id, 'pay.md', '# Pay\n\nPay is monthly.\n');

    expect(document).toMatchObject({ status: 'failed', error: { code: 'limits-too-small' } });
    expect(document.error?.reason).toContain('limits of your organisation are too small');
    expect(await ledgerOf(tenant)).toEqual([]);
    const auditor = await tenant.person(['Auditor']);
    const acts = async () => {
      const { items } = await auditor.must<Page<AuditItem>>('GET', `/api/v1/admin/audit?subject=${document.id}`);
      return items.map(({ action }) => action);
    };
    await expect.poll(acts).toContain('document.failed');
  });
});
