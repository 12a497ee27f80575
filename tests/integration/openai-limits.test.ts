import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { minuteWithSecondsLeft, secondsLeft } from './support/minutes.ts';
import { CHAT_MODEL, EMBEDDING_MODEL, type OpenAiApp, startOpenAiApp } from './support/openai-app.ts';
import { onboardTenant, startAnotherApp, type TestPerson } from './support/platform.ts';

const LIMIT = 20;
const CALLS = 200;
const messages = [{ role: 'user', content: 'Hello' }];
const WAYS: readonly [path: string, body: object][] = [
  ['chat/completions', { model: CHAT_MODEL, messages }],
  ['chat/completions', { model: CHAT_MODEL, messages, stream: true }],
  ['responses', { model: CHAT_MODEL, input: 'Hello' }],
  ['embeddings', { model: EMBEDDING_MODEL, input: 'Hello' }],
];

let one: OpenAiApp;
let other: App;

beforeAll(async () => {
  one = await startOpenAiApp();
  other = await startAnotherApp({ env: one.env });
});
afterAll(async () => {
  await other?.stop();
  await one?.stop();
});

async function call(person: TestPerson, [path, body]: (typeof WAYS)[number]) {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await person.fetch(`/openai/v1/${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('a limit per minute', () => {
  it('lets no more through the door than it says of 200 calls at two instances', async () => {
    const tenant = await onboardTenant('Busy', { tenantLimits: { requestsPerMinute: LIMIT } });
    const here = await tenant.person(['Member'], { apiUrl: one.url });
    const people = [here, await tenant.person(['Member'], { apiUrl: other.url })];
    const servedBefore = (await one.requests()).length;
    await minuteWithSecondsLeft(20);
    const before = secondsLeft();
    const answers = await Promise.all(
      Array.from({ length: CALLS }, (_, index) =>
        call(people[index % 2] ?? here, WAYS[Math.floor(index / 2) % WAYS.length] ?? ['', {}]),
      ),
    );
    const after = secondsLeft();

    const admitted = answers.filter(({ status }) => status === 200).length;
    const refused = answers.filter(({ status }) => status === 429);
    // On a busy machine the counters may take longer than a reservation waits: then fewer are admitted, never more.
    const late = answers.filter(({ status }) => status === 503).length;
    expect(admitted + refused.length + late).toBe(CALLS);
    expect(admitted).toBeLessThanOrEqual(LIMIT);
    expect(admitted + late).toBeGreaterThanOrEqual(LIMIT);
    expect((await one.requests()).length - servedBefore, 'nothing else reached a model').toBe(admitted);
    for (const { headers, text } of refused) {
      expect(JSON.parse(text)).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit_exceeded' } });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(after);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(before);
    }
  });
});
