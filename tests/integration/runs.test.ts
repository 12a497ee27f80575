import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { createRunLog } from '../../shared/adapters/blob-storage/run-log.ts';
import { createRuns, FOLLOW_LIMITS } from '../../shared/chat/runs.ts';
import type { Principal } from '../../shared/identity/principal.ts';
import {
  askStreaming,
  isType,
  messagesOf,
  resume,
  type StreamEvent,
  sessionOf,
  textOf,
} from './support/conversations.ts';
import {
  eventually,
  onboardTenant,
  stack,
  startAnotherApp,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';
import {
  holding,
  type ModelRequest,
  type ScriptedModel,
  saying,
  startScriptedModel,
} from './support/scripted-model.ts';

const STOP_MILLISECONDS = 2_000;

let model: ScriptedModel;
let apps: readonly [App, App];
let tenant: TestTenant;
/** The same person at two instances of the app. */
let here: TestPerson;
let there: TestPerson;

beforeAll(async () => {
  model = await startScriptedModel(stack.urls.models);
  const start = () => startAnotherApp({ env: { AZURE_OPENAI_ENDPOINT: model.url } });
  const [one, other] = await Promise.all([start(), start()]);
  apps = [one, other];
  tenant = await onboardTenant();
  here = await tenant.person(['Member'], { apiUrl: one.url });
  there = await tenant.person(['Member'], { apiUrl: other.url, oid: here.oid });
});
afterEach(() => {
  model.title = saying('A title');
});
afterAll(async () => {
  await Promise.all((apps ?? []).map((app) => app.stop()));
  await model?.stop();
});

const isText = isType('text-delta');
const isDone = ({ chunk }: StreamEvent) => chunk === 'done';
const idsOf = (events: readonly StreamEvent[]) => events.map(({ id }) => id);
const lastRequest = () => model.requests.at(-1) as ModelRequest;

describe('the events of a run', () => {
  it('are numbered, and replayed whole or from the one last seen', async () => {
    model.next(saying('One ', 'two ', 'three.'));
    const events = await (await askStreaming(here, 'Count')).until();
    const { runId } = await latestQuestion(here);

    expect(idsOf(events)).toEqual(events.map((_, index) => index + 1));
    expect(isDone(events.at(-1) as StreamEvent)).toBe(true);
    expect(await (await resume(there, runId)).until()).toEqual(events);
    expect(await (await resume(there, runId, 4)).until()).toEqual(events.slice(4));
    expect(await (await resume(there, runId, events.length)).until()).toEqual([]);
  });

  it('are read at another instance while they are being written', async () => {
    const { reply, go } = holding('The first half');
    model.next(reply);
    const stream = await askStreaming(here, 'In two halves');
    const seen = await stream.until(isText);
    const elsewhere = await resume(there, stream.runId);
    const early = await elsewhere.until(isText);
    const fromLast = await resume(there, stream.runId, seen.at(-1)?.id);

    expect(textOf(early)).toBe('The first half');
    go(' and the second.');
    const all = [...seen, ...(await stream.until())];
    expect([...early, ...(await elsewhere.until())]).toEqual(all);
    expect(await fromLast.until()).toEqual(all.slice(seen.length));
  });

  it('go on when the reader leaves, and the answer is saved', async () => {
    const { reply, go } = holding('Heard');
    model.next(reply);
    const stream = await askStreaming(here, 'A lost connection');
    await stream.until(isText);
    stream.leave();
    go(' and unheard.');
    const rest = await (await resume(there, stream.runId)).until();

    expect(textOf(rest)).toBe('Heard and unheard.');
    expect(await messagesOf(there, stream.sessionId)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: 'Heard and unheard.', finishReason: 'stop' },
    ]);
    expect(await lastRequest().closed).toEqual({ aborted: false });
  });
});

describe('stopping a run', () => {
  it('ends it from another instance, keeps what was said and hangs up on the model', async () => {
    model.title = () => new Promise<void>(() => undefined);
    model.next(holding('Said so far').reply);
    const stream = await askStreaming(here, 'A long answer');
    const begin = await stream.until(isText);
    const stoppedAt = performance.now();
    expect((await there.call('POST', `/api/v1/runs/${stream.runId}/stop`)).status).toBe(202);
    const end = await stream.until();

    expect(performance.now() - stoppedAt).toBeLessThan(STOP_MILLISECONDS);
    expect(await lastRequest().closed).toEqual({ aborted: true });
    expect(end.some(isType('abort'))).toBe(true);
    expect(textOf([...begin, ...end])).toBe('Said so far');
    expect(await messagesOf(here, stream.sessionId)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: 'Said so far', finishReason: 'stopped' },
    ]);
    expect(await sessionOf(here, stream.sessionId)).toMatchObject({ messageCount: 2, title: 'A long answer' });
  });

  it('ends it before the first word, with nothing but the question', async () => {
    const arrived = Promise.withResolvers<void>();
    model.next(() => arrived.resolve());
    const asked = here.call<{ finishReason: string; text: string; sessionId: string }>('POST', '/api/v1/chat', {
      message: 'Nobody answers',
      knowledgeBaseIds: [],
    });
    await arrived.promise;
    const { runId } = await latestQuestion(there);
    await there.must('POST', `/api/v1/runs/${runId}/stop`);
    const { status, body } = await asked;

    expect([status, body.finishReason, body.text]).toEqual([200, 'stopped', '']);
    expect(await lastRequest().closed).toEqual({ aborted: true });
    expect(await messagesOf(here, body.sessionId)).toMatchObject([{ role: 'user', text: 'Nobody answers' }]);
  });

  it('changes nothing once it has ended', async () => {
    const stream = await askStreaming(here, 'Over soon');
    const events = await stream.until();
    const before = await messagesOf(here, stream.sessionId);
    expect((await there.call('POST', `/api/v1/runs/${stream.runId}/stop`)).status).toBe(202);

    expect(await messagesOf(here, stream.sessionId)).toEqual(before);
    expect(await (await resume(there, stream.runId)).until()).toEqual(events);
  });
});

it('keeps a run from everybody but its owner', async () => {
  const { reply, go } = holding('Mine');
  model.next(reply);
  const stream = await askStreaming(here, 'A private matter');
  const foreignTenant = await onboardTenant();
  const [app] = apps;
  const strangers = [
    await tenant.person(['TenantAdmin', 'Member'], { apiUrl: app.url }),
    await foreignTenant.person(['TenantAdmin', 'Member'], { apiUrl: app.url }),
    await foreignTenant.person(['Member'], { apiUrl: app.url, oid: here.oid }),
  ];
  for (const stranger of strangers) {
    expect((await stranger.call('GET', `/api/v1/runs/${stream.runId}/events`)).status).toBe(404);
    expect((await stranger.call('POST', `/api/v1/runs/${stream.runId}/stop`)).status).toBe(404);
  }
  go(' alone.');

  expect(textOf(await stream.until())).toBe('Mine alone.');
  for (const id of ['run_01JD3Q5V4M8K2N6P9R1S7T0W3X', 'nonsense', '..%2F..%2Frun']) {
    const { status, headers } = await here.call('GET', `/api/v1/runs/${id}/events`);
    expect([400, 404]).toContain(status);
    expect(headers.get('content-type') ?? '').not.toContain('event-stream');
  }
});

it('ends with an error for those who follow it when its instance was killed', async () => {
  const { reply } = holding('Cut off');
  model.next(reply);
  const doomed = await startAnotherApp({ env: { AZURE_OPENAI_ENDPOINT: model.url } });
  const person = await tenant.person(['Member'], { apiUrl: doomed.url, oid: here.oid });
  const stream = await askStreaming(person, 'A crash');
  await stream.until(isText);
  await (await resume(there, stream.runId)).until(isText);
  await doomed.kill();
  await expect(stream.until()).rejects.toThrow();

  const runLog = createRunLog({ connectionString: stack.env.PlatformStorage ?? '' });
  const runs = createRuns(runLog, () => new Date(), { ...FOLLOW_LIMITS, abandoned: 1_500 });
  const principal = { tenantId: tenant.id, userId: here.oid } as Principal;
  const left: string[] = [];
  for await (const { data } of await runs.resume(principal, stream.runId, 0)) left.push(data);
  expect(left.at(-1)).toBe('[DONE]');
  expect(JSON.parse(left.at(-2) ?? '')).toMatchObject({
    type: 'error',
    errorText: expect.stringContaining('Ask again'),
  });
  expect(left.join()).toContain('Cut off');
});

/** The question that was asked last, found as its asker would find it. */
async function latestQuestion(person: TestPerson) {
  return eventually(async () => {
    const { items } = await person.must<{ items: { id: string }[] }>('GET', '/api/v1/sessions?limit=1');
    const messages = items[0] ? await messagesOf(person, items[0].id) : [];
    return messages.at(0);
  });
}
