import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Emulator } from '../../local/emulators/emulator.ts';
import { startModelServer } from '../../local/emulators/model-server/server.ts';
import { createModelDependency } from '../../shared/adapters/openai/dependency.ts';
import { createEmbeddingModel } from '../../shared/adapters/openai/embedding-model.ts';
import type { ChatCatalogModel, EmbeddingCatalogModel, ModelCatalog } from '../../shared/contracts/models.ts';
import { indexingModel } from '../../shared/models/indexing-model.ts';
import { catalogAt, collect, gatewayAt, type Place, quickChat, userWith } from './support/model-gateways.ts';

const stateDirectory = mkdtempSync(join(tmpdir(), 'models-'));
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startModelServer({ port: 0, stateDirectory });
});
afterAll(async () => {
  await emulator.stop();
  rmSync(stateDirectory, { recursive: true, force: true });
});

const kinds = ['azure', 'azure-v1', 'openai'] as const;

function place(kind: (typeof kinds)[number] = 'azure'): Record<string, Place> {
  const url = kind === 'openai' ? `${emulator.url}/openai/v1` : emulator.url;
  return { here: { kind, url, key: 'local' } };
}

const catalog = (kind?: (typeof kinds)[number]): ModelCatalog => {
  const { endpoints } = catalogAt(place(kind));
  const deployed = (deployment: string) => [{ endpoint: 'here', deployment, priority: 1, weight: 1 }];
  const [chat, embedding] = catalogAt(place(kind)).models;
  return {
    endpoints,
    models: [
      { ...(chat as ChatCatalogModel), name: 'local-extractive', deployments: deployed('local-extractive') },
      {
        ...(embedding as EmbeddingCatalogModel),
        name: 'local-hashing-embedding',
        dimensions: 512,
        deployments: deployed('local-hashing-embedding'),
      },
    ],
  };
};

const messages = [
  { role: 'system' as const, content: 'Answer from these passages.\n\n[1] Employees have 30 days of holiday a year.' },
  { role: 'user' as const, content: 'How many days of holiday do employees have?' },
];

async function answer(kind: (typeof kinds)[number] = 'azure', stall = quickChat.stall) {
  const gateway = gatewayAt(place(kind), { catalog: catalog(kind), limits: { ...quickChat, stall } });
  const { text, finish, error } = await collect(gateway, { asked: { messages, maxOutputTokens: 200 } });
  if (error) throw error;
  if (finish?.type !== 'finish') throw new Error('The answer has no end.');
  return { ...finish, text };
}

function embeddingModel(kind: (typeof kinds)[number]) {
  const gateway = gatewayAt(place(kind), { catalog: catalog(kind) });
  return createEmbeddingModel(gateway, indexingModel(catalog(kind)));
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
    const { text, reason, usage, model } = await answer(kind);
    expect({ reason, model }).toEqual({ reason: 'stop', model: 'local-extractive' });
    expect(text.length).toBeGreaterThan(10);
    expect(usage.inputTokens).toBeGreaterThan(20);
    expect(usage.outputTokens).toBeGreaterThan(3);
  });

  it('embed texts alike when they are alike', async () => {
    const { vectors, inputTokens } = await embeddingModel(kind).embed(userWith(), ['holiday', 'invoice', 'holiday']);
    expect(vectors.map((vector) => vector.length)).toEqual([512, 512, 512]);
    expect(vectors[0]).toEqual(vectors[2]);
    expect(vectors[0]).not.toEqual(vectors[1]);
    expect(inputTokens).toBeGreaterThan(2);
  });

  it('are healthy', () =>
    createModelDependency(catalog(kind), new Map([['here', 'local']])).check(AbortSignal.timeout(5_000)));
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
    const stall = failure.kind === 'stall' ? 200 : quickChat.stall;
    await expect(answer('azure', stall)).rejects.toMatchObject({ code });
  });

  it('says when its answer was filtered', async () => {
    await plan({ kind: 'content-filter-completion' });
    expect((await answer()).reason).toBe('content-filter');
  });
});
