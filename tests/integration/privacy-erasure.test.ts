import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createErasureRepository } from '../../shared/adapters/cosmos/erasure-repository.ts';
import type { Role } from '../../shared/contracts/access.ts';
import type { Erasure } from '../../shared/contracts/privacy.ts';
import type { User } from '../../shared/contracts/users.ts';
import { keptStores } from '../../shared/privacy/stores.ts';
import { ask, askStreaming, isType, storedMessages } from './support/conversations.ts';
import { countsOf, countTraces, ended, erase, existsRun, keepAnswer, type Traces } from './support/personal-data.ts';
import {
  cosmos,
  createKnowledgeBase,
  eventually,
  onboardTenant,
  platformAdmin,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { type ScriptedApp, startScriptedApp } from './support/scripted-app.ts';
import { holding, type ScriptedModel } from './support/scripted-model.ts';
import { openStores, paragraphs, smallChunks } from './support/stores.ts';

const ROLES: Role[] = ['Member', 'KnowledgeManager'];
const erasures = createErasureRepository(cosmos);
const stores = openStores();

let tenant: TestTenant;
let admin: TestPerson;
let knowledgeBaseId: string;

/** A person with two conversations, one that was deleted before, a cached answer, and two documents. */
async function livelyPerson(): Promise<{ person: TestPerson; traces: Traces }> {
  const person = await tenant.person(ROLES);
  const answers = [];
  for (const text of ['First question', 'Second question', 'Regretted question']) answers.push(await ask(person, text));
  const [first, second, third] = answers;
  answers.push(await ask(person, 'And then?', { sessionId: first?.sessionId }));
  await person.must('DELETE', `/api/v1/sessions/${third?.sessionId}`);
  await keepAnswer(tenant.id, person.oid);
  const documents = [];
  for (const name of ['one.md', 'two.md']) {
    documents.push(await uploadAndWait(person, knowledgeBaseId, name, paragraphs(3)));
  }
  const sessionIds = [first, second].map((answer) => answer?.sessionId ?? '');
  const runIds = answers.map(({ runId }) => runId);
  return { person, traces: { tenantId: tenant.id, userId: person.oid, sessionIds, runIds, documents } };
}

beforeAll(async () => {
  tenant = await onboardTenant();
  admin = await tenant.person(['TenantAdmin']);
  knowledgeBaseId = (await createKnowledgeBase(admin, { chunking: smallChunks })).id;
});

describe('an erasure', () => {
  it('removes what a person left anywhere, and nothing of others, and says what went from where', async () => {
    const { person, traces } = await livelyPerson();
    const { traces: others } = await livelyPerson();
    const [before, othersBefore] = await Promise.all([countTraces(traces), countTraces(others)]);
    expect(before).toMatchObject({ 'database/sessions': 2, 'database/messages': 6, 'files/runs': 4 });
    for (const count of Object.values(before)) expect(count).toBeGreaterThan(0);

    const receipt = await erase(admin, person.oid);

    expect(receipt).toMatchObject({ status: 'done', userId: person.oid, requestedBy: admin.oid, reason: null });
    expect(countsOf(receipt)).toEqual(before);
    expect(receipt.kept.map(({ store }) => store)).toEqual(Object.keys(keptStores));
    const nothing = Object.fromEntries(Object.keys(before).map((store) => [store, 0]));
    expect(await countTraces(traces)).toEqual(nothing);
    expect(await countTraces(others)).toEqual(othersBefore);
    expect(countsOf(await erase(admin, person.oid))).toEqual(nothing);
  });

  it('goes on after it was killed, and ends once when it is delivered again and again', async () => {
    const { person, traces } = await livelyPerson();
    const [before, document] = [await countTraces(traces), traces.documents[0]];
    const stub: Erasure = { ...(await erase(admin, randomUUID())), userId: person.oid };
    // As a worker leaves it that was killed: some is gone and counted, one document is half gone.
    const erasure: Erasure = { ...stub, id: stub.id.replace(/.{6}$/, 'KKKKKK'), status: 'running', completedAt: null };
    await (await cosmos.container('sessions')).item(traces.sessionIds[0] ?? '', [tenant.id, person.oid]).delete();
    if (document)
      await stores.rewind({ tenantId: tenant.id, knowledgeBaseId, documentId: document.id }, { status: 'deleting' });
    await erasures.create(erasure);
    const message = { tenantId: tenant.id, erasureId: erasure.id };
    await stores.send('privacy-erasure', message, message, message);

    const receipt = await ended(admin, `/api/v1/admin/erasures/${erasure.id}`);
    expect(receipt.status).toBe('done');
    expect(Object.values(await countTraces(traces))).toEqual(Object.values(before).map(() => 0));
    await stores.send('privacy-erasure', message);
    await eventually(async () => ((await stores.waiting('privacy-erasure')) === 0 ? true : undefined));
    expect(await admin.must('GET', `/api/v1/admin/erasures/${erasure.id}`)).toEqual(receipt);
  });

  it('is refused for somebody on legal hold, and stops when a hold comes first', async () => {
    const person = await tenant.person(ROLES);
    const { sessionId } = await ask(person, 'Keep this');
    const path = `/api/v1/admin/users/${person.oid}`;
    await admin.must('PATCH', path, { legalHold: true });
    const refused = await admin.call('DELETE', `${path}/data`);
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('legal hold') } });

    const stub = await erase(admin, randomUUID());
    const late: Erasure = { ...stub, id: stub.id.replace(/.{6}$/, 'HHHHHH'), userId: person.oid, completedAt: null };
    await erasures.create(late);
    await stores.send('privacy-erasure', { tenantId: tenant.id, erasureId: late.id });
    const stopped = await ended(admin, `/api/v1/admin/erasures/${late.id}`);
    expect(stopped).toMatchObject({ status: 'stopped', reason: expect.stringContaining('legal hold') });
    expect(await storedMessages(tenant.id, sessionId)).toBe(2);
    await admin.must('PATCH', path, { legalHold: false });
    expect((await erase(admin, person.oid)).status).toBe('done');
  });

  it('keeps somebody who is suspended out, without a name', async () => {
    const person = await tenant.person(ROLES);
    await person.must('GET', '/api/v1/me');
    const path = `/api/v1/admin/users/${person.oid}`;
    await admin.must('PATCH', path, { status: 'suspended' });
    expect(countsOf(await erase(admin, person.oid))).toMatchObject({ 'database/users': 1 });
    expect(await admin.must<User>('GET', path)).toMatchObject({ displayName: '', entraRoles: [], status: 'suspended' });
    expect(countsOf(await erase(admin, person.oid))).toMatchObject({ 'database/users': 0 });
  });

  it('is for administrators, of their own tenant, and of nobody who may do more', async () => {
    const [member, manager, above, stranger] = await Promise.all([
      tenant.person(['Member']),
      tenant.person(['KnowledgeManager', 'Auditor']),
      tenant.person(['TenantAdmin']),
      (await onboardTenant()).person(['TenantAdmin']),
    ]);
    await above.must('GET', '/api/v1/me');
    const platform = await platformAdmin();
    const inTenant = `?tenantId=${tenant.id}`;
    await platform.must('PATCH', `/api/v1/admin/users/${above.oid}${inTenant}`, { assignedRoles: ['PlatformAdmin'] });
    const path = `/api/v1/admin/users/${member.oid}/data`;
    for (const person of [member, manager]) expect((await person.call('DELETE', path)).status).toBe(403);
    expect((await stranger.call('DELETE', `${path}?tenantId=${tenant.id}`)).status).toBe(404);
    expect((await admin.call('DELETE', `/api/v1/admin/users/${above.oid}/data`)).status).toBe(403);
    const { id } = await erase(admin, member.oid);
    expect((await member.call('GET', `/api/v1/admin/erasures/${id}`)).status).toBe(403);
    expect((await stranger.call('GET', `/api/v1/admin/erasures/${id}`)).status).toBe(404);
    expect((await stranger.call('GET', `/api/v1/admin/erasures/${id}?tenantId=${tenant.id}`)).status).toBe(404);
  });
});

describe('an erasure while the person is being answered', () => {
  let model: ScriptedModel;
  let app: ScriptedApp;

  beforeAll(async () => {
    app = await startScriptedApp();
    ({ model } = app);
  });
  afterAll(() => app?.stop());

  it('leaves nothing of the answer behind', async () => {
    const person = await tenant.person(['Member'], { apiUrl: app.url });
    const { reply, go } = holding('Once upon ');
    model.next(reply);
    const answer = await askStreaming(person, 'Tell me a long story');
    await answer.until(isType('text-delta'));
    expect((await erase(admin, person.oid)).status).toBe('done');
    go('a time.');
    await answer.until();
    expect(await storedMessages(tenant.id, answer.sessionId)).toBe(0);
    expect(await existsRun(tenant.id, answer.runId)).toBe(0);
  });
});
