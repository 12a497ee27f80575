import { afterEach, beforeAll, expect, it } from 'vitest';
import { ModelCatalog } from '../../../shared/contracts/models.ts';
import { AppError } from '../../../shared/errors.ts';
import { AttemptError } from '../../../shared/models/attempt-error.ts';
import { createModelGateway } from '../../../shared/models/create-model-gateway.ts';
import type { BegunAnswer, ModelTransport } from '../../../shared/models/model-transport.ts';
import { traceAttempts } from '../../../shared/models/trace-attempts.ts';
import { pathsOf, recordSpans } from '../telemetry/recorded-spans.ts';

const catalog = ModelCatalog.parse({
  endpoints: {
    eu: { kind: 'azure', url: 'https://eu.example', region: 'westeurope', zone: 'eu' },
    us: { kind: 'openai', url: 'https://us.example', region: 'eastus', zone: 'us' },
  },
  models: [
    {
      ...{ kind: 'chat', name: 'small', contextTokens: 1_000, maxOutputTokens: 100 },
      deployments: [
        { endpoint: 'eu', deployment: 'small', priority: 1 },
        { endpoint: 'us', deployment: 'small', priority: 2 },
      ],
    },
    {
      kind: 'embedding',
      name: 'vectors',
      contextTokens: 100,
      dimensions: 16,
      deployments: [{ endpoint: 'eu', deployment: 'v' }],
    },
  ],
});
const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };

let recorded: ReturnType<typeof recordSpans>;
beforeAll(() => {
  recorded = recordSpans();
});
afterEach(() => recorded.forget());

function gatewayOver(transport: ModelTransport) {
  const gateway = createModelGateway({ catalog, transport: traceAttempts(transport), now: () => new Date() });
  const user = { tenantChain: [{ id: 'ten_1', policy: {} }] as const };
  const { model, reason } = gateway.choose(user, { model: 'small', inputTokens: 1, needs: [] });
  const request = { operation: 'chat', model, reason, body: { messages: [] }, stream: false } as const;
  return (signal = new AbortController().signal) => gateway.send(user, request, signal);
}

it('shows each attempt below the route that was taken, with how it ended', async () => {
  const outcome: BegunAnswer['outcome'] = Promise.resolve({ usage, finishReason: 'stop', failure: null });
  const send = gatewayOver({
    async begin({ endpoint }) {
      if (endpoint.region === 'eastus') return { contentType: 'application/json', body: nothing(), outcome };
      throw new AttemptError('throttled', new AppError('too_many_requests', 'Later.'), 1_000);
    },
  });
  await send();
  await outcome;
  expect(pathsOf(recorded.spans()).toSorted()).toEqual([
    'route',
    'route > attempt eu/small',
    'route > attempt us/small',
  ]);
  const of = (name: string) => recorded.spans().find((span) => span.name === name);
  expect(of('attempt eu/small')).toMatchObject({
    status: { code: 2, message: 'throttled' },
    attributes: {
      'gen_ai.provider.name': 'azure.ai.openai',
      'server.address': 'eu.example',
      'platform.region': 'westeurope',
    },
  });
  expect(of('attempt us/small')).toMatchObject({
    status: { code: 0 },
    attributes: { 'gen_ai.provider.name': 'openai' },
  });
  expect(of('route')?.attributes).toMatchObject({
    'platform.deployment': 'us/small',
    'platform.route.reason': 'asked',
    'platform.route.attempts': 2,
  });
});

it('blames no deployment for a caller who gives up', async () => {
  const abort = new AbortController();
  const send = gatewayOver({
    async begin() {
      abort.abort(new Error('gone'));
      throw abort.signal.reason;
    },
  });
  await expect(send(abort.signal)).rejects.toThrow('gone');
  expect(recorded.spans().find(({ name }) => name === 'attempt eu/small')?.status.code).toBe(0);
});

async function* nothing(): AsyncGenerator<Uint8Array> {}
