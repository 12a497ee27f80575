import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../local/stack.ts';
import { ask } from './support/conversations.ts';
import { eventually, onboardTenant, startAnotherApp, type TestPerson, type TestTenant } from './support/platform.ts';
import { sumOf } from './support/prometheus.ts';

const KEY = 'a-key-of-the-scraper';

let app: App;
let named: TestTenant;
let other: TestTenant;

const scrape = (headers: Record<string, string> = { authorization: `Bearer ${KEY}` }) =>
  fetch(`${app.url}/metrics`, { headers });
const scraped = async () => (await scrape()).text();

beforeAll(async () => {
  [named, other] = await Promise.all([onboardTenant(), onboardTenant()]);
  app = await startAnotherApp({ env: { METRICS_KEY: KEY, METRICS_TENANTS: named.id } });
});
afterAll(() => app?.stop());

describe('GET /metrics', () => {
  it.each([
    ['no key', {}, 401],
    ['another key', { authorization: 'Bearer another-key-of-someone' }, 401],
    ['the key as a prefix', { authorization: `Bearer ${KEY}x` }, 401],
    ['an empty key', { 'api-key': '' }, 401],
    ['the key as a bearer token', { authorization: `Bearer ${KEY}` }, 200],
    ['the key as an API key', { 'api-key': KEY }, 200],
  ])('answers %s', async (_, headers, status) => {
    expect((await scrape(headers)).status).toBe(status);
  });

  it('speaks the text format of Prometheus', async () => {
    const response = await scrape();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    for (const line of lines)
      expect(line).toMatch(/^(# (HELP|TYPE|UNIT) \S+ .+|[a-z_:]+(\{.*\})? -?[\d.e+-]+( \d+)?)$/i);
  });

  it('counts requests by route and status, whatever a caller writes into the path', async () => {
    const person = await other.person(['Member'], { apiUrl: app.url });
    for (const id of ['one', 'two', 'three']) await person.call('GET', `/api/v1/sessions/ses_${id}`);
    const text = await scraped();
    const labels = { http_request_method: 'GET', http_route: '/api/v1/sessions/{sessionId}' };
    expect(sumOf(text, 'http_server_request_duration_count', { ...labels, http_response_status_code: '400' })).toBe(3);
    expect(text).not.toContain('ses_one');
  });

  it('counts tokens and money of named tenants apart, and of all others together', async () => {
    const people = await Promise.all([named, other].map((tenant) => tenant.person(['Member'], { apiUrl: app.url })));
    for (const person of people as TestPerson[]) await ask(person, 'Hello');
    await eventually(async () => {
      const text = await scraped();
      const tokens = (tenant: string) =>
        sumOf(text, 'platform_tokens_total', {
          tenant,
          kind: 'chat',
          direction: 'output',
          model: 'local-extractive',
        });
      return tokens(named.id) > 0 && tokens('other') > 0 ? true : undefined;
    });
    const text = await scraped();
    expect(text).not.toContain(other.id);
    expect(text).not.toContain(people[0]?.oid);
    expect(sumOf(text, 'platform_cost_total', { tenant: named.id, kind: 'chat' })).toBeGreaterThanOrEqual(0);
  });

  it('counts what limits refuse, by which limit it was', async () => {
    const poor = await onboardTenant('Poor', { tenantLimits: { tokensPerMinute: 1 } });
    const person = await poor.person(['Member'], { apiUrl: app.url });
    const { status } = await person.call('POST', '/api/v1/chat', { message: 'Hello', knowledgeBaseIds: [] });
    expect(status).toBe(429);
    const refused = sumOf(await scraped(), 'platform_limit_refusals_total', {
      reason: 'tokens per minute',
      tenant: 'other',
    });
    expect(refused).toBe(1);
  });
});
