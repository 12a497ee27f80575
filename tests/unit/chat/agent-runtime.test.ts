import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AgentRun } from '../../../shared/chat/agent-run.ts';
import { AgentRuntime } from '../../../shared/chat/agent-runtime.ts';
import { newAgentState } from '../../../shared/chat/agent-state.ts';
import type { TurnUsage } from '../../../shared/chat/turn-usage.ts';
import type { ChatCatalogModel } from '../../../shared/contracts/models.ts';
import type { Policy } from '../../../shared/contracts/policy.ts';
import type { UiMessageChunk } from '../../../shared/contracts/ui-message-stream.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Principal } from '../../../shared/identity/principal.ts';
import type { ChatModelEvent, ChatModelRequest, ModelToolCall } from '../../../shared/models/chat-model.ts';
import type { ModelUsage } from '../../../shared/models/model-usage.ts';
import type { Tool } from '../../../shared/tools/tool.ts';

const RUN = 'run_1';
const usage: ModelUsage = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 1 };
const catalogModel = {
  name: 'm',
  contextTokens: 8_000,
  maxOutputTokens: 500,
  abilities: ['tools'],
} as unknown as ChatCatalogModel;

type Step = readonly (ChatModelEvent | AppError)[];

const finish = (reason: 'stop' | 'tool-calls'): ChatModelEvent => ({ type: 'finish', reason, usage, model: 'm' });
const say = (text: string): Step => [{ type: 'text', text }, finish('stop')];
const call = (...calls: readonly Partial<ModelToolCall>[]): Step => [
  ...calls.map((each, index) => ({
    type: 'tool-call' as const,
    id: `c${index}`,
    name: 'echo',
    arguments: '{}',
    ...each,
  })),
  finish('tool-calls'),
];

interface Scene {
  readonly steps: readonly Step[];
  readonly tool?: Partial<Tool>;
  readonly policy?: Policy;
  readonly extend?: () => Promise<void>;
}

function stage({ steps, tool, policy = { tools: ['echo'] }, extend = async () => undefined }: Scene) {
  const requests: ChatModelRequest[] = [];
  const metered: ModelUsage[] = [];
  const audited: unknown[] = [];
  const left = [...steps];
  const echo: Tool = {
    name: 'echo',
    description: '',
    input: z.strictObject({}),
    defaultPermission: 'allow',
    timeoutMilliseconds: 1_000,
    maxResultCharacters: 100,
    run: async () => ({ text: 'echoed' }),
    ...tool,
  };
  const runtime = new AgentRuntime({
    model: {
      async *stream(_principal, _choice, request) {
        requests.push({ ...request, messages: [...request.messages] });
        for (const event of left.shift() ?? say('Over.')) {
          if (event instanceof AppError) throw event;
          yield event;
        }
      },
    },
    gateway: { larger: () => null },
    audit: { record: async (entry) => void audited.push(entry) },
    logger: { warn: () => undefined },
  });
  const turnUsage = {
    extend,
    add: (_kind: string, _model: string, each: ModelUsage) => void metered.push(each),
  } as unknown as TurnUsage;
  const run: AgentRun = {
    principal: {
      tenantId: 'ten_1',
      userId: 'u',
      kind: 'user',
      displayName: '',
      tenantChain: [{ id: 'ten_1', policy }],
    } as unknown as Principal,
    sessionId: 'ses_1',
    runId: RUN,
    answerId: 'msg_1',
    tools: new Map([['echo', echo]]),
    state: newAgentState({
      question: 'q',
      choice: { model: catalogModel, reason: 'asked' },
      messages: [{ role: 'user', content: 'q' }],
      passages: [],
    }),
    usage: turnUsage,
  };
  return { runtime, run, requests, metered, audited };
}

async function play(chunks: AsyncGenerator<UiMessageChunk, unknown>) {
  const seen: UiMessageChunk[] = [];
  for (;;) {
    const next = await chunks.next();
    if (next.done) return { seen, ending: next.value };
    seen.push(next.value);
  }
}
const never = new AbortController().signal;

describe('the agent runtime', () => {
  it('counts every step', async () => {
    const { runtime, run, metered } = stage({ steps: [call({}), say('Done.')] });
    expect((await play(runtime.run(run, never))).ending).toBe('stop');
    expect(metered).toEqual([usage, usage]);
    expect(run.state.usages).toHaveLength(2);
  });

  it('counts a step that broke off by its length', async () => {
    const cut = new AppError('upstream_failed', 'Cut.');
    const { runtime, run, metered } = stage({ steps: [[{ type: 'text', text: 'Half an answer' }, cut]] });
    await expect(play(runtime.run(run, never))).rejects.toBe(cut);
    expect(metered).toMatchObject([{ isEstimated: true, outputTokens: 4 }]);
    expect(run.state.text).toBe('Half an answer');
  });

  it('counts nothing for a step that failed before its first word', async () => {
    const failed = new AppError('upstream_failed', 'Failed.');
    const { runtime, run, metered } = stage({ steps: [[failed]] });
    await expect(play(runtime.run(run, never))).rejects.toBe(failed);
    expect(metered).toEqual([]);
  });

  it('ends when the limits refuse another step, with what was done in its state', async () => {
    const refused = new AppError('too_many_requests', 'The limit is reached.');
    const scene = stage({ steps: [call({})], extend: () => Promise.reject(refused) });
    await expect(play(scene.runtime.run(scene.run, never))).rejects.toBe(refused);
    expect(scene.requests).toHaveLength(1);
    expect(scene.run.state.messages.at(-1)).toMatchObject({ role: 'tool', toolCallId: 'c0' });
    expect(scene.audited).toHaveLength(1);
  });

  it('repeats to the model only what its service accepts', async () => {
    const odd = { id: '', name: 'é cho!'.repeat(40), arguments: '{"broken' };
    const { runtime, run, requests } = stage({ steps: [call(odd)] });
    await play(runtime.run(run, never));
    const [assistant, result] = requests.at(-1)?.messages.slice(-2) ?? [];
    expect(assistant).toMatchObject({
      toolCalls: [{ id: 'call_1', name: expect.stringMatching(/^[\w-]{1,64}$/), arguments: '{}' }],
    });
    expect(result).toMatchObject({ role: 'tool', toolCallId: 'call_1' });
  });

  it('runs at most four calls at once', async () => {
    let running = 0;
    let most = 0;
    const run = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { text: '' };
    };
    const scene = stage({ steps: [call(...Array.from({ length: 12 }, () => ({})))], tool: { run } });
    await play(scene.runtime.run(scene.run, never));
    expect(most).toBe(4);
  });

  it('stops while tools run, and asks the model nothing more', async () => {
    const stop = new AbortController();
    const run = () => {
      queueMicrotask(() => stop.abort(new Error('stopped')));
      return new Promise<never>(() => undefined);
    };
    const scene = stage({ steps: [call({}, {})], tool: { run } });
    await expect(play(scene.runtime.run(scene.run, stop.signal))).rejects.toThrow('stopped');
    expect(scene.requests).toHaveLength(1);
  });

  it('waits for approval with plain state, and goes on from a copy of it', async () => {
    const asking = { tools: ['echo'], toolPermissions: { echo: 'ask' as const } };
    const scene = stage({ steps: [call({}), say('Done.')], policy: asking });
    expect((await play(scene.runtime.run(scene.run, never))).ending).toBe('awaiting-approval');
    expect(scene.audited).toEqual([]);
    const copy = { ...scene.run, state: JSON.parse(JSON.stringify(scene.run.state)) };
    const decisions = new Map([[`${RUN}:1`, { approvalId: `${RUN}:1`, approved: true }]]);
    const { ending, seen } = await play(scene.runtime.resume(copy, decisions, never));
    expect(ending).toBe('stop');
    expect(seen).toContainEqual(expect.objectContaining({ type: 'tool-output-available', output: { text: 'echoed' } }));
    expect(copy.state.text).toBe('Done.');
  });

  it('takes a call that nobody decided on for denied', async () => {
    const asking = { tools: ['echo'], toolPermissions: { echo: 'ask' as const } };
    const scene = stage({ steps: [call({})], policy: asking });
    await play(scene.runtime.run(scene.run, never));
    const { seen } = await play(scene.runtime.resume(scene.run, new Map(), never));
    expect(seen).toContainEqual({ type: 'tool-output-denied', toolCallId: `${RUN}:1` });
  });
});
