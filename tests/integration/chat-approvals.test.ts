import { lastAssistantMessageIsCompleteWithApprovalResponses } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { createTenantRepository } from '../../shared/adapters/cosmos/tenant-repository.ts';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { UiMessageChunk } from '../../shared/contracts/ui-message-stream.ts';
import {
  ask,
  askStreaming,
  decide,
  messagesOf,
  resume,
  type StreamEvent,
  sessionOf,
  storedMessages,
} from './support/conversations.ts';
import { PlainChat } from './support/plain-chat.ts';
import {
  cosmos,
  eventually,
  onboardTenant,
  stack,
  startAnotherApp,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';
import { calling, type ScriptedModel, saying, startScriptedModel } from './support/scripted-model.ts';
import { chunksOf, resultsIn, samePerson, toolCallsOnRecord, toolChunks } from './support/tool-events.ts';

const ASKING: Policy = { tools: ['calculator', 'current_time'], toolPermissions: { calculator: 'ask' } };
const sum = { name: 'calculator', input: { expression: '20 + 22' } };
const clock = { name: 'current_time' };

let model: ScriptedModel;
let apps: readonly [App, App];
let tenant: TestTenant;
/** The same person at two instances of the app. */
let here: TestPerson;
let there: TestPerson;

const start = () => startAnotherApp({ env: { AZURE_OPENAI_ENDPOINT: model.url } });

beforeAll(async () => {
  model = await startScriptedModel(stack.urls.models);
  apps = await Promise.all([start(), start()]);
  tenant = await onboardTenant('A tenant that asks', ASKING);
  here = await tenant.person(['Member'], { apiUrl: apps[0].url });
  there = await samePerson(tenant, here, apps[1].url);
});
afterAll(async () => {
  await Promise.all((apps ?? []).map((app) => app.stop()));
  await model?.stop();
});

const idsOf = (events: readonly StreamEvent[]) => events.map(({ id }) => id);
const typesOf = (events: readonly StreamEvent[]) => chunksOf(events).map(({ type }) => type);
const approved = (runId: string, number = 1) => [{ approvalId: `${runId}:${number}`, approved: true }];
const modelRead = () => model.requests.at(-1)?.messages;

/** A run that waits for its person to approve a sum. */
async function pausedRun(person = here, ...calls: readonly Parameters<typeof calling>[0][]) {
  model.next(calling(calls.length > 0 ? calls.flat() : sum, 'Let me see.'));
  const stream = await askStreaming(person, 'What is 20 + 22?');
  const events = await stream.until();
  return { events, runId: stream.runId, sessionId: stream.sessionId };
}

describe('a run that needs approval', () => {
  it('asks for it and waits; nothing has been run', async () => {
    const { events, runId, sessionId } = await pausedRun();
    expect(typesOf(events).slice(-4)).toEqual(['data-title', 'tool-approval-request', 'finish-step', 'finish']);
    expect(chunksOf(events).at(-1)).toMatchObject({ finishReason: 'tool-calls' });
    const id = `${runId}:1`;
    expect(toolChunks(events)).toMatchObject([
      { type: 'tool-input-available', toolCallId: id, input: sum.input },
      { type: 'tool-approval-request', toolCallId: id, approvalId: id },
    ]);
    expect(await messagesOf(here, sessionId)).toMatchObject([{ role: 'user' }]);
    expect(await sessionOf(here, sessionId)).toMatchObject({ messageCount: 1 });
    model.next(calling(sum));
    expect(await ask(here, 'And without a stream?')).toMatchObject({ finishReason: 'awaiting-approval', text: '' });
  });

  it('goes on at another instance when it is approved, as the same run', async () => {
    const { events, runId, sessionId } = await pausedRun();
    model.next(saying('It is 42.'));
    const rest = await (await decide(there, runId, approved(runId))).until();

    expect(typesOf(rest).slice(0, 4)).toEqual([
      'start',
      'tool-approval-response',
      'tool-output-available',
      'start-step',
    ]);
    expect(chunksOf(rest)[0]).toEqual(chunksOf(events)[0]);
    expect(modelRead()?.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(resultsIn(modelRead())[0]).toContain('42');
    expect(await messagesOf(here, sessionId)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', text: 'Let me see.\n\nIt is 42.', finishReason: 'stop' },
    ]);
    expect(await sessionOf(here, sessionId)).toMatchObject({ messageCount: 2 });

    // Its events are one sequence, whoever reads it, and from wherever.
    const all = [...events.slice(0, -1), ...rest];
    expect(idsOf([...events, ...rest])).toEqual([...events, ...rest].map((_, index) => index + 1));
    expect(await (await resume(here, runId)).until()).toEqual(all);
    expect(await (await resume(here, runId, events.length)).until()).toEqual(rest);
  });

  it.each(['application/json', 'application/json, text/plain, */*'])(
    'answers whole to who wants %s',
    async (accept) => {
      const { runId } = await pausedRun();
      model.next(saying('It is 42.'));
      const { status, body, headers } = await there.call<ChatAnswer>(
        'POST',
        `/api/v1/runs/${runId}/approvals`,
        { decisions: approved(runId) },
        { accept },
      );
      expect(status).toBe(200);
      expect([headers.get('x-run-id'), headers.get('x-cache')]).toEqual([runId, 'bypass']);
      expect(headers.get('x-model-route')).toContain('local-extractive; ');
      expect(body).toMatchObject({ runId, text: 'Let me see.\n\nIt is 42.', finishReason: 'stop' });
      expect(body.usage).toMatchObject({ inputTokens: 300, outputTokens: 30 });
    },
  );

  it('goes on without what is denied, and the model reads why', async () => {
    const { runId } = await pausedRun();
    model.next(saying('Then not.'));
    const reason = 'No <sums>, please.';
    const denied = [{ approvalId: `${runId}:1`, approved: false, reason }];
    const rest = await (await decide(there, runId, denied)).until();
    expect(toolChunks(rest)).toMatchObject([{ type: 'tool-output-denied' }]);
    expect(resultsIn(modelRead())[0]).toContain('No &lt;sums&gt;, please.');
    const items = await toolCallsOnRecord(tenant, 1);
    expect(items.find(({ subject }) => subject === runId)).toMatchObject({
      outcome: 'denied',
      details: { tool: 'calculator', isDecided: true },
    });
  });

  it('runs what needs no approval at once, and asks for the rest together', async () => {
    const { events, runId } = await pausedRun(here, sum, clock, sum);
    expect(toolChunks(events).map(({ type, toolCallId }) => [type, toolCallId.split(':')[1]])).toEqual([
      ['tool-input-available', '1'],
      ['tool-input-available', '2'],
      ['tool-input-available', '3'],
      ['tool-output-available', '2'],
      ['tool-approval-request', '1'],
      ['tool-approval-request', '3'],
    ]);
    model.next(saying('Done.'));
    const decisions = [...approved(runId, 1), { approvalId: `${runId}:3`, approved: false }];
    const rest = await (await decide(there, runId, decisions)).until();
    expect(toolChunks(rest).map(({ type }) => type)).toEqual(['tool-output-available', 'tool-output-denied']);
    expect(resultsIn(modelRead())).toHaveLength(3);
  });

  it('may ask again and again', async () => {
    const { runId } = await pausedRun();
    model.next(calling(sum));
    const second = await (await decide(there, runId, approved(runId))).until();
    expect(toolChunks(second).at(-1)).toMatchObject({ type: 'tool-approval-request', approvalId: `${runId}:2` });
    model.next(saying('At last.'));
    const third = await (await decide(here, runId, approved(runId, 2))).until();
    expect(chunksOf(third).at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop' });
    const all = await (await resume(there, runId)).until();
    expect(all.filter(({ chunk }) => chunk === 'done')).toHaveLength(1);
    expect(idsOf(all)).toEqual(idsOf(all).toSorted((a, b) => a - b));
  });
});

describe('a decision', () => {
  const approvals = (person: TestPerson, runId: string, decisions: unknown) =>
    person.call('POST', `/api/v1/runs/${runId}/approvals`, { decisions }, { accept: 'application/json' });

  it('counts once, also when fifty are made at the same moment', async () => {
    const { runId, sessionId } = await pausedRun();
    const before = model.requests.length;
    const decisions = approved(runId);
    const deciding = Array.from({ length: 50 }, (_, index) => approvals(index % 2 ? here : there, runId, decisions));
    const statuses = (await Promise.all(deciding)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 49 }, () => 409)]);
    expect((await approvals(there, runId, decisions)).status).toBe(409);
    expect(model.requests.length - before).toBe(1);
    expect(await messagesOf(here, sessionId)).toHaveLength(2);
    const calls = (await toolCallsOnRecord(tenant, 1)).filter(({ subject }) => subject === runId);
    expect(calls).toHaveLength(1);
  });

  it('is needed on every call that waits, and on no other', async () => {
    const { runId } = await pausedRun(here, sum, sum);
    for (const decisions of [approved(runId), approved(runId, 3), [...approved(runId), ...approved(runId, 3)]]) {
      expect((await approvals(here, runId, decisions)).status).toBe(422);
    }
    expect((await approvals(here, runId, [])).status).toBe(400);
    expect((await approvals(here, runId, [{ approvalId: 'call_0', approved: true }])).status).toBe(400);
    expect((await approvals(here, runId, [...approved(runId, 1), ...approved(runId, 2)])).status).toBe(200);
  });

  it('is only for the owner of the run', async () => {
    const { runId } = await pausedRun();
    const foreign = await onboardTenant('Elsewhere', ASKING);
    const strangers = [
      await tenant.person(['TenantAdmin', 'Member'], { apiUrl: apps[1].url }),
      await foreign.person(['TenantAdmin', 'Member'], { apiUrl: apps[1].url, oid: here.oid }),
    ];
    for (const stranger of strangers) expect((await approvals(stranger, runId, approved(runId))).status).toBe(404);
    expect((await approvals(there, runId, approved(runId))).status).toBe(200);
  });

  it('is too late after a day', async () => {
    const { runId, sessionId } = await pausedRun();
    await patchPaused(sessionId, runId, '/expiresAt', new Date(Date.now() - 1_000).toISOString());
    const { status, body } = await approvals(there, runId, approved(runId));
    expect([status, body.detail]).toEqual([409, expect.stringContaining('over')]);
  });

  it('is refused when the run was stopped meanwhile', async () => {
    const { runId } = await pausedRun();
    await here.call('POST', `/api/v1/runs/${runId}/stop`);
    const { status, body } = await approvals(there, runId, approved(runId));
    expect([status, body.detail]).toEqual([409, expect.stringContaining('stopped')]);
  });

  it('finds nothing when the session is gone, of which nothing is left', async () => {
    const { runId, sessionId } = await pausedRun();
    await here.call('DELETE', `/api/v1/sessions/${sessionId}`);
    expect((await approvals(there, runId, approved(runId))).status).toBe(409);
    expect(await storedMessages(tenant.id, sessionId)).toBe(0);
  });

  it('lets nothing run that the policy denies by then', async () => {
    const changing = await onboardTenant('A tenant that changes', ASKING);
    const person = await changing.person(['Member'], { apiUrl: apps[0].url });
    const { runId } = await pausedRun(person);
    const repository = createTenantRepository(cosmos);
    const found = await repository.find(changing.id);
    const tenants = (found?.value.tenants ?? []).map((each) => ({ ...each, policy: { tools: ['current_time'] } }));
    await repository.replace({ ...(found?.value as NonNullable<typeof found>['value']), tenants }, found?.etag ?? '');
    model.next(saying('Then not.'));
    // The other instance has not seen the tenant yet, so it knows the new policy.
    const elsewhere = await samePerson(changing, person, apps[1].url);
    const rest = await (await decide(elsewhere, runId, approved(runId))).until();
    expect(toolChunks(rest)).toMatchObject([{ type: 'tool-output-error' }]);
    expect(resultsIn(modelRead())[0]).toContain('may not be used');
  });

  it('finds the run at a new instance when its own was killed', async () => {
    const doomed = await start();
    const person = await samePerson(tenant, here, doomed.url);
    model.next(calling(sum, 'Let me see.'));
    const stream = await askStreaming(person, 'A crash');
    const seen = await stream.until(({ chunk }) => (chunk as UiMessageChunk).type === 'tool-approval-request');
    await doomed.kill();
    model.next(saying('It is 42.'));
    const rest = await (await decide(there, stream.runId, approved(stream.runId))).until();
    expect(rest.at(-1)?.chunk).toBe('done');
    const all = await (await resume(here, stream.runId)).until();
    expect(all.slice(0, seen.length)).toEqual(seen);
    expect(all.slice(-rest.length)).toEqual(rest);
    expect(new Set(idsOf(all)).size).toBe(all.length);
    expect(await messagesOf(here, stream.sessionId)).toMatchObject([{}, { text: 'Let me see.\n\nIt is 42.' }]);
  });
});

describe("the AI SDK's own chat", () => {
  const chatOf = (id: string) =>
    new PlainChat(apps[0].url, here, id, {
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    });
  const toolPart = (chat: PlainChat) => chat.lastMessage?.parts.find((part) => part.type === 'dynamic-tool');

  it.each([
    [true, 'output-available', 'It is 42.'],
    [false, 'output-denied', 'Then not.'],
  ])('shows the question, and goes on when it is answered: %s', async (isApproved, state, text) => {
    const chat = chatOf(`a chat with tools: ${isApproved}`);
    model.next(calling(sum, 'Let me see.'), saying(text));
    await chat.sendMessage({ text: 'What is 20 + 22?' });
    expect(chat.error).toBeUndefined();
    expect(toolPart(chat)).toMatchObject({ state: 'approval-requested', toolName: 'calculator', input: sum.input });
    await chat.addToolApprovalResponse({ id: toolPart(chat)?.approval?.id ?? '', approved: isApproved });
    await eventually(async () => (chat.status === 'ready' && toolPart(chat)?.state === state ? true : undefined));

    expect(chat.error).toBeUndefined();
    expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    const texts = chat.lastMessage?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    expect(texts).toEqual(['Let me see.', text]);
    const stored = await messagesOf(here, chat.lastMessage?.metadata?.sessionId ?? '');
    expect(stored.map(({ role }) => role)).toEqual(['user', 'assistant']);
    model.next(saying('You are welcome.'));
    await chat.sendMessage({ text: 'Thank you' });
    expect(chat.lastMessage?.parts.at(-1)).toMatchObject({ text: 'You are welcome.' });
  });
});

async function patchPaused(sessionId: string, runId: string, path: string, value: unknown): Promise<void> {
  const container = await cosmos.container('messages');
  await container.item(runId, [tenant.id, sessionId]).patch([{ op: 'set', path, value }]);
}
