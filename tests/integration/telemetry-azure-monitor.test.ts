import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { eventually, onboardTenant, stack, startAnotherApp, type TestPerson } from './support/platform.ts';

const KEY = '00000000-1111-4222-8333-444444444444';

interface Envelope {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: { readonly name?: string } };
}

let ingestion: ScriptedServer;
let app: App;
let person: TestPerson;

beforeAll(async () => {
  const pem = (name: string) => readFileSync(join(stack.directory, 'state', 'cosmos', name), 'utf8');
  // The exporter speaks TLS only; the app trusts what the local stack signs.
  ingestion = await startScriptedServer({ cert: pem('server.pem'), key: pem('server-key.pem') });
  ingestion.answer(json(200, { itemsReceived: 1, itemsAccepted: 1, errors: [] }));
  app = await startAnotherApp({
    env: {
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${KEY};IngestionEndpoint=${ingestion.url}`,
      // The exporter's own statistics would go to Microsoft.
      APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
      APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true',
      APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
      // It would also ask Microsoft for its settings.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      NO_PROXY: '127.0.0.1,localhost',
    },
  });
  person = await (await onboardTenant()).person(['Member'], { apiUrl: app.url });
});
afterAll(async () => {
  await app?.stop();
  await ingestion?.stop();
});

const envelopes = () => ingestion.requests.flatMap(({ body }) => JSON.parse(body) as Envelope[]);

it('gets spans as work within what the host reports, in the trace that the answer names', async () => {
  const response = await person.fetch('/api/v1/me');
  const traceId = response.headers.get('x-trace-id') ?? '';
  const ours = await eventually(async () => {
    const found = envelopes().filter(({ tags }) => tags['ai.operation.id'] === traceId);
    return found.some(({ data }) => data.baseData.name === 'GET /api/v1/me') ? found : undefined;
  });
  expect(ours.map(({ data }) => data.baseData.name)).toEqual(
    expect.arrayContaining(['GET /api/v1/me', 'authenticate', 'policy']),
  );
  expect(new Set(ours.map(({ data }) => data.baseType))).toEqual(new Set(['RemoteDependencyData']));
});

it('gets metrics', async () => {
  await person.fetch('/api/v1/me');
  const metric = await eventually(async () => envelopes().find(({ data }) => data.baseType === 'MetricData'));
  expect(metric.tags['ai.cloud.role']).toBe('enterprise-ai-platform');
});
