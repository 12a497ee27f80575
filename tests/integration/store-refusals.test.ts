import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import { onboardTenant, startAnotherApp, type TestPerson } from './support/platform.ts';
import { hungUp, type StoreFront, startStoreFront, throttled } from './support/store-front.ts';

const limits = { tenantLimits: { requestsPerMinute: 1_000 } };
/** Bounded retries, with room for a busy machine. */
const PROMPT_MILLISECONDS = 10_000;
const TRIES = 4;

let front: StoreFront;
let app: App;
let restore: () => void = () => undefined;

beforeAll(async () => {
  front = await startStoreFront();
  app = await startAnotherApp({ env: { COSMOS_ENDPOINT: front.url } });
});
afterEach(() => restore());
afterAll(async () => {
  await app?.stop();
  await front?.stop();
});

/** A new person who has signed in, so that only what a test refuses is missing. */
async function personWith(policy: Policy): Promise<TestPerson> {
  const tenant = await onboardTenant('Refused', policy);
  const person = await tenant.person(['KnowledgeManager'], { apiUrl: app.url });
  await person.must('GET', '/api/v1/me');
  return person;
}

const chat = (person: TestPerson, path = '/api/v1/chat') =>
  person.call('POST', path, { message: 'Hello', knowledgeBaseIds: [] });

describe('while the counters are down', () => {
  it.each(['/api/v1/chat', '/api/v1/chat/stream'])('calls are refused with the reason: %s', async (path) => {
    const person = await personWith(limits);
    restore = front.refuse('/colls/counters', hungUp);

    const { status, headers, body } = await chat(person, path);

    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toMatchObject({
      code: 'dependency_unavailable',
      detail: expect.stringContaining('limits of your tenant cannot be checked'),
      details: { policy: 'whenCountersAreDown', choice: 'refuse' },
    });
    restore();
    expect((await chat(person, path)).status).toBe(200);
  });

  it('calls are admitted when the policy says so, or when nothing is limited', async () => {
    const [careless, unlimited] = await Promise.all([
      personWith({ ...limits, whenCountersAreDown: 'allow' }),
      personWith({}),
    ]);
    restore = front.refuse('/colls/counters', hungUp);

    expect((await chat(careless)).status).toBe(200);
    expect((await chat(unlimited)).status).toBe(200);
    expect((await careless.call('POST', '/api/v1/query', { query: 'Hello' })).status).toBe(200);
  });
});

describe('a store over its throughput', () => {
  it('is asked a bounded number of times, then callers are told when to come back', async () => {
    const person = await personWith({});
    restore = front.refuse('/colls/sessions', throttled);
    const [before, startedAt] = [front.refused, performance.now()];

    const { status, headers, body } = await person.call('GET', '/api/v1/sessions');

    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MILLISECONDS);
    expect(front.refused - before).toBe(TRIES);
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('1');
    expect(body).toMatchObject({ code: 'dependency_unavailable', detail: expect.stringContaining('throughput') });
    restore();
    expect((await person.call('GET', '/api/v1/sessions')).status).toBe(200);
  });

  it('does not make chats ask without end, whichever container it is', async () => {
    const person = await personWith(limits);
    for (const container of ['sessions', 'messages', 'counters']) {
      restore = front.refuse(`/colls/${container}`, throttled);
      const [before, startedAt] = [front.refused, performance.now()];

      const { status, headers } = await chat(person);

      expect(performance.now() - startedAt).toBeLessThan(PROMPT_MILLISECONDS);
      expect(front.refused - before).toBeLessThanOrEqual(2 * TRIES);
      expect({ container, status }).toEqual({ container, status: 503 });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      restore();
    }
    expect((await chat(person)).status).toBe(200);
  });
});
