import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { startModelServer } from '../../local/emulators/model-server/server.ts';
import { CHAT_LIMITS, createChatModel } from '../../shared/adapters/openai/chat-model.ts';
import { createModelDependency } from '../../shared/adapters/openai/dependency.ts';
import { createEmbeddingModel } from '../../shared/adapters/openai/embedding-model.ts';
import type { ModelConfig } from '../../shared/config.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'models-'));
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startModelServer({ port: 0, stateDirectory });
});
afterAll(async () => {
  await emulator.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

const kinds = ['azure', 'openai'] as const;

function config(kind: ModelConfig['kind'] = 'azure'): ModelConfig {
  return {
    kind,
    endpoint: kind === 'azure' ? emulator.url : `${emulator.url}/openai/v1`,
    apiKey: 'local',
    apiVersion: '2024-10-21',
    chatDeployment: 'local-extractive',
    contextTokens: 16_000,
    maxOutputTokens: 1_024,
    embeddingDeployment: 'local-hashing-embedding',
    embeddingDimensions: 512,
  };
}

const limits = { ...CHAT_LIMITS, firstDelay: 1 };
const messages = [
  { role: 'system' as const, content: 'Answer from these passages.\n\n[1] Employees have 30 days of holiday a year.' },
  { role: 'user' as const, content: 'How many days of holiday do employees have?' },
];

async function answer(settings = config(), stall = limits.stall) {
  const model = createChatModel(settings, { ...limits, stall });
  let text = '';
  for await (const event of model.stream({ messages, maxOutputTokens: 200 }, new AbortController().signal)) {
    if (event.type === 'finish') return { text, ...event };
    text += event.text;
  }
  throw new Error('The answer has no end.');
}

async function plan(...failures: object[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answered = await fetch(`${emulator.url}/_control/failures`, {
    method: 'POST',
    headers,
    body: JSON.stringify(failures),
  });
  expect(answered.ok).toBe(true);
}

describe.each(kinds)('the models of a service of kind %s', (kind) => {
  it('answer in a stream with their usage', async () => {
    const { text, reason, usage, model } = await answer(config(kind));
    expect({ reason, model }).toEqual({ reason: 'stop', model: 'local-extractive' });
    expect(text.length).toBeGreaterThan(10);
    expect(usage.inputTokens).toBeGreaterThan(20);
    expect(usage.outputTokens).toBeGreaterThan(3);
  });

  it('embed texts alike when they are alike', async () => {
    const { vectors, inputTokens } = await createEmbeddingModel(config(kind)).embed(['holiday', 'invoice', 'holiday']);
    expect(vectors.map((vector) => vector.length)).toEqual([512, 512, 512]);
    expect(vectors[0]).toEqual(vectors[2]);
    expect(vectors[0]).not.toEqual(vectors[1]);
    expect(inputTokens).toBeGreaterThan(2);
  });

  it('are healthy', () => createModelDependency(config(kind)).check(AbortSignal.timeout(5_000)));
});

describe('a model that fails', () => {
  it.each([
    [{ kind: 'throttle', retryAfter: { header: 'retry-after-ms', value: '5' }, times: 2 }],
    [{ kind: 'server-error', times: 2 }],
    [{ kind: 'malformed-frames' }],
    [{ kind: 'split-utf8' }],
  ])('answers in the end: %o', async (failure) => {
    await plan(failure);
    expect((await answer()).reason).toBe('stop');
  });

  it.each([
    [{ kind: 'throttle', retryAfter: null, times: 3 }, 'too_many_requests'],
    [{ kind: 'content-filter-prompt' }, 'content_filtered'],
    [{ kind: 'context-too-long' }, 'context_too_long'],
    [{ kind: 'cut-stream' }, 'upstream_failed'],
    [{ kind: 'error-in-stream' }, 'upstream_failed'],
    [{ kind: 'stall', delayMs: 5_000 }, 'upstream_timeout'],
  ])('fails typed: %o', async (failure, code) => {
    await plan(failure);
    const stall = failure.kind === 'stall' ? 200 : limits.stall;
    await expect(answer(config(), stall)).rejects.toMatchObject({ code });
  });

  it('says when its answer was filtered', async () => {
    await plan({ kind: 'content-filter-completion' });
    expect((await answer()).reason).toBe('content-filter');
  });
});
