import { BlobServiceClient } from '@azure/storage-blob';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuditBlocks } from '../../shared/adapters/blob-storage/audit-blocks.ts';
import { createAuditRepository } from '../../shared/adapters/cosmos/audit-repository.ts';
import { createUserRepository } from '../../shared/adapters/cosmos/user-repository.ts';
import { createAuditSealer } from '../../shared/audit/seal-audit.ts';
import type { AuditItem, AuditReport } from '../../shared/contracts/audit.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { Page } from '../../shared/contracts/paging.ts';
import { firstIdAt } from '../../shared/identifiers.ts';
import {
  cosmos,
  createKnowledgeBase,
  eventually,
  onboardTenant,
  stack,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const AUDIT = '/api/v1/admin/audit';
const SECRET = 'Zanzibarite';
const MINUTE = 60_000;
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

async function list(auditor: TestPerson, query: Record<string, string> = {}): Promise<AuditItem[]> {
  const page: Page<AuditItem> = await auditor.must(
    'GET',
    `${AUDIT}?${new URLSearchParams({ limit: '100', ...query })}`,
  );
  return page.items;
}

async function only(auditor: TestPerson, query: Record<string, string>): Promise<AuditItem> {
  const items = await list(auditor, query);
  expect(items).toHaveLength(1);
  return items[0] as AuditItem;
}

const monthNow = () => new Date().toISOString().slice(0, 7);

/** The items of this month as they are stored. */
async function storedItems(tenant: TestTenant) {
  const container = await cosmos.container('audit-log');
  const query = 'SELECT * FROM c ORDER BY c.id';
  return (await container.items.query(query, { partitionKey: [tenant.id, monthNow()] }).fetchAll()).resources;
}

describe('acts on record', () => {
  let tenant: TestTenant;
  let keeper: TestPerson;
  let member: TestPerson;
  let auditor: TestPerson;
  let document: KnowledgeDocument;
  let answer: ChatAnswer;

  beforeAll(async () => {
    tenant = await onboardTenant();
    [keeper, member, auditor] = await Promise.all([
      tenant.person(['KnowledgeManager']),
      tenant.person(['Member']),
      tenant.person(['Auditor']),
    ]);
    const { id: knowledgeBaseId } = await createKnowledgeBase(keeper, { name: `All about ${SECRET}` });
    const text = `# ${SECRET}\n\nThe mineral ${SECRET} melts at 812 degrees.\n`;
    document = await uploadAndWait(keeper, knowledgeBaseId, `${SECRET}.md`, text);
    answer = await member.must('POST', '/api/v1/chat', {
      message: `At which temperature does ${SECRET} melt?`,
      knowledgeBaseIds: [knowledgeBaseId],
    });
  });

  it('name who did what to what, with the trace of the request', async () => {
    const path = `/api/v1/knowledge-bases/${document.knowledgeBaseId}/documents/${document.id}`;
    const access = { visibility: 'restricted', users: [member.oid], groups: [], roles: [] };
    const { headers } = await keeper.call('PATCH', path, { access });
    expect(await only(auditor, { action: 'document.updated' })).toMatchObject({
      tenantId: tenant.id,
      outcome: 'allowed',
      actor: { kind: 'user', id: keeper.oid, name: 'Test Person' },
      subject: document.id,
      details: { knowledgeBaseId: document.knowledgeBaseId, changed: ['access'] },
      traceId: headers.get('x-trace-id'),
    });
    expect(await only(auditor, { action: 'document.uploaded' })).toMatchObject({ subject: document.id });
    expect(await only(auditor, { action: 'document.ready' })).toMatchObject({
      actor: { kind: 'system', id: 'ingestion' },
      subject: document.id,
    });
    expect(await only(auditor, { action: 'knowledge-base.created' })).toMatchObject({
      subject: document.knowledgeBaseId,
    });
  });

  it('say which documents an answer and a search were made from', async () => {
    const { knowledgeBaseId, id } = document;
    const found = { knowledgeBaseIds: [knowledgeBaseId], documentIds: [id], passages: 1 };
    const chat = await only(auditor, { action: 'retrieval.done', subject: answer.runId });
    expect(chat).toMatchObject({ actor: { id: member.oid }, details: found });
    await member.must('POST', '/api/v1/query', { query: SECRET });
    const [search] = await list(auditor, { action: 'retrieval.done', actor: member.oid });
    expect(search).toMatchObject({ subject: null, details: found });
    await keeper.must('POST', '/api/v1/query', { query: SECRET });
    const others = { action: 'retrieval.done', actor: keeper.oid };
    expect(await only(auditor, others)).toMatchObject({ details: { documentIds: [], passages: 0 } });
  });

  it('hold every denial and each failed attempt', async () => {
    await member.call('POST', '/api/v1/knowledge-bases', { name: 'Not mine to make' });
    expect(await only(auditor, { actor: member.oid, outcome: 'denied' })).toMatchObject({
      action: 'access.denied',
      details: { operation: 'knowledge-bases-create', permission: 'knowledge:write', code: 'forbidden' },
    });
    await member.call('DELETE', `/api/v1/knowledge-bases/${document.knowledgeBaseId}`);
    const [denied] = await list(auditor, { actor: member.oid, outcome: 'denied' });
    expect(denied).toMatchObject({ action: 'access.denied', subject: document.knowledgeBaseId });
    expect((await member.call('DELETE', '/api/v1/knowledge-bases/no-id')).status).toBe(403);
    const missing = document.knowledgeBaseId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    await keeper.call('DELETE', `/api/v1/knowledge-bases/${missing}`);
    expect(await only(auditor, { outcome: 'failed' })).toMatchObject({
      action: 'knowledge-base.deleted',
      subject: missing,
      details: { code: 'not_found' },
    });
  });

  it('hold a sign-in once an hour, and one that was refused', async () => {
    const admin = await tenant.person(['TenantAdmin']);
    const leaver = await tenant.person(['Member']);
    await leaver.call('GET', '/api/v1/me');
    await leaver.call('GET', '/api/v1/me');
    const signIn = { actor: leaver.oid, action: 'sign-in.succeeded' };
    const [first, ...more] = await eventually(async () => {
      const found = await list(auditor, signIn);
      return found.length > 0 ? found : undefined;
    });
    expect(more).toEqual([]);
    expect(first).toMatchObject({ subject: leaver.oid, details: { roles: ['Member'] } });

    const users = createUserRepository(cosmos);
    const { oid: userId, ...suspended } = await tenant.person(['Member']);
    const lastSeenAt = new Date().toISOString();
    await users.recordSignIn({ tenantId: tenant.id, userId, displayName: 'Test Person', entraRoles: [], lastSeenAt });
    await admin.must('PATCH', `/api/v1/admin/users/${userId}`, { status: 'suspended' });
    expect(await only(auditor, { action: 'user.updated' })).toMatchObject({
      subject: userId,
      details: { changed: ['status'] },
    });
    expect((await suspended.call('GET', '/api/v1/me')).status).toBe(403);
    expect((await suspended.call('GET', '/api/v1/me')).status).toBe(403);
    expect(await only(auditor, { actor: userId })).toMatchObject({
      action: 'sign-in.denied',
      outcome: 'denied',
      details: { reason: 'user-suspended' },
    });
  });

  it('tell the whole life of a document that failed and was deleted', async () => {
    const broken = await uploadAndWait(keeper, document.knowledgeBaseId, 'broken.pdf', '%PDF-1.7 broken');
    await keeper.must('DELETE', `/api/v1/knowledge-bases/${broken.knowledgeBaseId}/documents/${broken.id}`);
    const life = await eventually(async () => {
      const found = await list(auditor, { subject: broken.id });
      return found[0]?.action === 'document.erased' ? found : undefined;
    });
    expect(life.map(({ action }) => action).reverse()).toEqual([
      'document.uploaded',
      'document.failed',
      'document.deleted',
      'document.erased',
    ]);
    expect(life.at(-2)).toMatchObject({ outcome: 'failed', actor: { kind: 'system' }, details: { version: 1 } });
  });

  it('never hold what anybody wrote', async () => {
    await keeper.must('PATCH', `/api/v1/knowledge-bases/${document.knowledgeBaseId}`, { name: `More ${SECRET}` });
    const items = await storedItems(tenant);
    expect(items.length).toBeGreaterThan(5);
    expect(JSON.stringify(items)).not.toContain(SECRET);
    expect(JSON.stringify(items)).not.toContain('812 degrees');
  });

  it('are for those who may read them, in their own tenant', async () => {
    for (const path of [
      AUDIT,
      `${AUDIT}/verify`,
      `${AUDIT}/export?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`,
    ]) {
      expect((await member.call('GET', path)).status).toBe(403);
    }
    const stranger = await (await onboardTenant()).person(['Auditor', 'TenantAdmin']);
    expect(await list(stranger, { action: 'document.uploaded' })).toEqual([]);
    for (const path of [AUDIT, `${AUDIT}/verify`]) {
      expect((await stranger.call('GET', `${path}?tenantId=${tenant.id}`)).status).toBe(404);
    }
  });

  it('are listed newest first, page by page, and by time', async () => {
    const all = (await list(auditor)).filter(({ actor }) => actor.id === keeper.oid);
    const paged: AuditItem[] = [];
    let continuation: string | null = '';
    while (continuation !== null) {
      const query: string = `limit=2&actor=${keeper.oid}${continuation && `&continuation=${continuation}`}`;
      const page: Page<AuditItem> = await auditor.must('GET', `${AUDIT}?${query}`);
      paged.push(...page.items);
      continuation = page.continuation;
    }
    expect(paged).toEqual(all);
    expect(paged.map(({ id }) => id)).toEqual(
      paged
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );

    const middle = paged[2]?.at ?? '';
    const before = await list(auditor, { actor: keeper.oid, to: middle });
    const since = await list(auditor, { actor: keeper.oid, from: middle });
    expect([...since, ...before]).toEqual(all);
    expect((await auditor.call('GET', `${AUDIT}?continuation=made-up`)).status).toBe(400);
    expect((await auditor.call('GET', `${AUDIT}?from=1990-01-01T00:00:00Z`)).status).toBe(400);
    expect(await list(auditor, { subject: "' OR 1=1 --" })).toEqual([]);
  });

  it('are exported as lines, which is on record itself', async () => {
    const expected = (await list(auditor)).filter(({ action }) => !action.startsWith('sign-in')).reverse();
    const from = new Date(Date.now() - 60 * MINUTE).toISOString();
    const to = new Date(Date.now() + MINUTE).toISOString();
    const response = await auditor.fetch(`${AUDIT}/export?from=${from}&to=${to}`);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trim().split('\n');
    const exported: AuditItem[] = lines.map((line) => JSON.parse(line));
    expect(exported.filter(({ action }) => !action.startsWith('sign-in'))).toEqual(expected);
    expect(await only(auditor, { action: 'audit.exported' })).toMatchObject({ actor: { id: auditor.oid } });
    const later = new Date(Date.now() + 40 * 24 * 60 * MINUTE).toISOString();
    expect((await auditor.call('GET', `${AUDIT}/export?from=${from}&to=${later}`)).status).toBe(400);
  });

  it('offer no way to change or remove one', async () => {
    const [item] = await list(auditor);
    const platform = await tenant.person(['TenantAdmin', 'PlatformAdmin', 'Auditor']);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const path of [AUDIT, `${AUDIT}/${item?.id}`]) {
        expect((await platform.call(method, path, {})).status).toBe(404);
      }
    }
  });
});

describe('sealed blocks', () => {
  let tenant: TestTenant;
  let admin: TestPerson;
  const blobs = BlobServiceClient.fromConnectionString(stack.env.PlatformStorage ?? '').getContainerClient('audit');
  const blocks = createAuditBlocks({ connectionString: stack.env.PlatformStorage ?? '' });
  const repository = createAuditRepository(cosmos);

  async function seal(): Promise<void> {
    const createdAt = new Date().toISOString();
    async function* tenants() {
      yield { id: tenant.id, createdAt };
    }
    await createAuditSealer({ repository, blocks, tenants, now: () => new Date(), log, settleMilliseconds: -1 })();
  }

  const verify = () => admin.must<AuditReport & Record<string, unknown>>('GET', `${AUDIT}/verify`);

  beforeAll(async () => {
    tenant = await onboardTenant();
    admin = await tenant.person(['TenantAdmin']);
    for (let block = 0; block < 3; block += 1) {
      for (let act = 0; act < 3; act += 1) await createKnowledgeBase(admin);
      await seal();
    }
  });

  it('are sealed by the clock once acts have settled, and are whole', async () => {
    const settled = await onboardTenant();
    const owner = await settled.person(['TenantAdmin']);
    const at = new Date(Date.now() - 10 * MINUTE);
    await repository.append({
      id: `${firstIdAt('aud', at).slice(0, -1)}1`,
      tenantId: settled.id,
      at: at.toISOString(),
      action: 'run.stopped',
      outcome: 'allowed',
      actor: { kind: 'user', id: owner.oid, name: 'Test Person' },
      subject: null,
      details: {},
      traceId: '0'.repeat(32),
    });
    await owner.call('GET', '/api/v1/me');
    const response = await fetch(`${stack.apiUrl}/admin/functions/audit-seal`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(202);
    const report = await eventually(async () => {
      const found = await owner.must<AuditReport & Record<string, unknown>>('GET', `${AUDIT}/verify`);
      return found.blocks > 0 ? found : undefined;
    });
    expect(report).toMatchObject({ blocks: 1, items: 1, problems: [], head: { sequence: 1 }, nextBlock: null });
  });

  it('verify as whole, also with several sealers at once', async () => {
    await Promise.all([seal(), seal(), seal()]);
    const { problems, items, blocks: count } = await verify();
    expect(problems).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(3);
    expect(items).toBeGreaterThanOrEqual(9);
  });

  it('cannot be written twice', async () => {
    expect(await blocks.create(tenant.id, 1, 'another')).toBe(false);
    expect(await blocks.read(tenant.id, 1)).toContain('audit-block-1');
  });

  it('show an act that was edited, deleted or inserted behind the door', async () => {
    const container = await cosmos.container('audit-log');
    const partition = [tenant.id, monthNow()];
    const [, edited, removed] = await storedItems(tenant);
    await container.item(edited.id, partition).patch([{ op: 'set', path: '/actor/id', value: 'somebody-else' }]);
    expect((await verify()).problems).toEqual([{ kind: 'changed-item', block: 1, itemId: edited.id }]);
    await container.item(edited.id, partition).replace(edited);

    await container.item(removed.id, partition).delete();
    expect((await verify()).problems).toEqual([{ kind: 'missing-item', block: 1, itemId: removed.id }]);
    await container.items.create(removed);

    const inserted = `${removed.id.slice(0, -1)}${removed.id.endsWith('Z') ? 'Y' : 'Z'}`;
    await container.items.create({ ...removed, id: inserted });
    expect((await verify()).problems).toEqual([{ kind: 'inserted-item', block: 1, itemId: inserted }]);
    await container.item(inserted, partition).delete();
    expect((await verify()).problems).toEqual([]);
  });

  it('show a block that was edited, reordered or removed behind the door', async () => {
    const blob = blobs.getBlockBlobClient(`${tenant.id}/0000000002.ndjson`);
    const original = (await blob.downloadToBuffer()).toString();
    const write = (content: string) => blob.upload(content, Buffer.byteLength(content));
    const [header = '', first = '', second = '', ...rest] = original.split('\n');
    const firstId: string = JSON.parse(first).id;
    const secondId: string = JSON.parse(second).id;

    await write(original.replace('"outcome":"allowed"', '"outcome":"denied"'));
    const changed = { kind: 'changed-block', block: 2, itemId: null };
    expect((await verify()).problems).toEqual([changed, { kind: 'changed-item', block: 2, itemId: firstId }]);
    await write([header, second, first, ...rest].join('\n'));
    expect((await verify()).problems).toEqual([changed, { kind: 'reordered-item', block: 2, itemId: firstId }]);
    await write([header, first, ...rest].join('\n'));
    expect((await verify()).problems).toEqual([changed, { kind: 'inserted-item', block: 2, itemId: secondId }]);
    await blob.delete();
    expect((await verify()).problems).toEqual([{ kind: 'missing-block', block: 2, itemId: null }]);
    await write(original);
    expect((await verify()).problems).toEqual([]);
  });
});
