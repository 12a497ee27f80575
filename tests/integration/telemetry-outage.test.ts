import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { type Answer, json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { askStreaming, textOf } from './support/conversations.ts';
import { eventually, onboardTenant, startAnotherApp, type TestPerson, type TestTenant } from './support/platform.ts';
import { sumOf } from './support/prometheus.ts';

const KEY = 'a-key-of-the-scraper';
const CALLS = 60;
/** A backend's timeout is two seconds, a flush's half a one: a call that waited for either would be slower. */
const SLOW_MILLISECONDS = 450;
const NOBODY = 'http://127.0.0.1:9';

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await onboardTenant();
});

const hangs: Answer = () => undefined;
const endsInTheMiddle: Answer = (response) => void response.socket?.destroy();

describe.each([
  ['is not there', null],
  ['never answers', hangs],
  ['fails', json(500, { error: 'broken' })],
  ['is overwhelmed', json(429, {}, { 'retry-after': '3600' })],
  ['hangs up', endsInTheMiddle],
])('while the collector %s', (_, answer) => {
  let collector: ScriptedServer;
  let app: App;
  let person: TestPerson;
  beforeAll(async () => {
    collector = await startScriptedServer();
    if (answer) collector.answer(answer);
    const url = answer ? collector.url : NOBODY;
    app = await startAnotherApp({
      env: {
        METRICS_KEY: KEY,
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        LANGFUSE_BASE_URL: url,
        LANGFUSE_PUBLIC_KEY: 'pk',
        LANGFUSE_SECRET_KEY: 'sk',
      },
    });
    person = await tenant.person(['Member'], { apiUrl: app.url });
  });
  afterAll(async () => {
    await app?.stop();
    await collector?.stop();
  });

  it('answers every call as if it were there, and counts what is lost', async () => {
    await person.call('GET', '/api/v1/me');
    const times: number[] = [];
    for (let call = 0; call < CALLS; call += 1) {
      const startedAt = performance.now();
      expect((await person.call('GET', '/api/v1/me')).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    expect(times.toSorted((a, b) => a - b)[Math.floor(CALLS / 2)]).toBeLessThan(SLOW_MILLISECONDS / 4);
    expect(times.filter((time) => time > SLOW_MILLISECONDS)).toEqual([]);

    const { until } = await askStreaming(person, 'Hello');
    expect(textOf(await until())).not.toBe('');

    await eventually(async () => {
      const text = await (await fetch(`${app.url}/metrics`, { headers: { 'api-key': KEY } })).text();
      const lost = (backend: string) => sumOf(text, 'platform_telemetry_lost_total', { backend });
      return lost('otlp') > 0 && lost('langfuse') > 0 ? true : undefined;
    });
    expect(collector.requests.length).toBeLessThan(CALLS);
  });

  it('stops in time', async () => {
    const startedAt = performance.now();
    await app.stop();
    expect(performance.now() - startedAt).toBeLessThan(4_500);
  });
});
