import type OpenAI from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import type { PlatformFacts } from '../../shared/openai/answer-event.ts';
import { openAiClient } from './support/openai-app.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  stack,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const QUESTION = 'When does the gate open?';
const ASK = [{ role: 'user' as const, content: QUESTION }];

let tenant: TestTenant;
let keeper: TestPerson;
let people: readonly [TestPerson, TestPerson];
let one: OpenAI;
let other: OpenAI;

beforeAll(async () => {
  tenant = await onboardTenant('Test tenant', { semanticCache: { enabled: true } });
  keeper = await tenant.person(['KnowledgeManager', 'TenantAdmin']);
  people = await Promise.all([tenant.person(['Member']), tenant.person(['Member'])]);
  one = openAiClient(stack.apiUrl, people[0]);
  other = openAiClient(stack.apiUrl, people[1]);
});

async function gate(): Promise<{ model: string; document: KnowledgeDocument }> {
  const { id } = await createKnowledgeBase(keeper);
  const text = '# Gate\n\nThe gate opens at seven in the morning. Visitors ring the bell at the gate.\n';
  return { model: `kb/${id}`, document: await uploadAndWait(keeper, id, 'gate.md', text) };
}

interface Told {
  readonly text: string;
  readonly annotations: readonly unknown[];
  readonly platform: PlatformFacts;
  readonly tokens: number | undefined;
  /** What the header says. */
  readonly cache: string | null;
  readonly route: string | null;
}

async function ask(
  client: OpenAI,
  model: string,
  fields: object = {},
  headers: Record<string, string> = {},
): Promise<Told> {
  const body = { model, messages: ASK, ...fields };
  const { data, response } = await client.chat.completions.create(body, { headers }).withResponse();
  const { content, annotations = [] } = data.choices[0]?.message ?? {};
  const { platform } = data as unknown as Told;
  const told = { text: content ?? '', annotations, platform, tokens: data.usage?.total_tokens };
  return { ...told, cache: response.headers.get('x-cache'), route: response.headers.get('x-model-route') };
}

const cacheOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).cache;

describe('an answer of a knowledge base', () => {
  it('is given again to somebody else, as it was, for no tokens and from no model', async () => {
    const { model } = await gate();
    const first = await ask(one, model);
    const again = await ask(other, model);

    expect(first).toMatchObject({ cache: 'miss', platform: { cache: 'miss', support: { status: 'supported' } } });
    expect(first.route).toContain('local-extractive');
    expect(again).toEqual({
      ...first,
      ...{ cache: 'hit', route: null, tokens: 0, platform: { ...first.platform, cache: 'hit' } },
    });
    expect(first.annotations).toHaveLength(1);
  });

  it('is not given again to who narrows the search', async () => {
    const { model, document } = await gate();
    await ask(one, model);

    expect(await cacheOf(other, model, { platform: { filters: { documentIds: [document.id] } } })).toBe('bypass');
    expect(await cacheOf(other, model, { platform: { filters: {} } })).toBe('hit');
  });

  it('streams as others do, and is the response too', async () => {
    const { model } = await gate();
    const { text, platform } = await ask(one, model);
    const stream = await other.chat.completions.create({ model, messages: ASK, stream: true });
    let said = '';
    let last: object = {};
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta.content ?? '';
      last = chunk;
    }
    const response = await other.responses.create({ model, input: QUESTION });

    expect(said).toBe(text);
    expect(last).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      platform: { cache: 'hit', support: platform.support },
    });
    expect(response.output_text).toBe(text);
    expect(response).toMatchObject({ platform: { cache: 'hit' }, usage: { total_tokens: 0 } });
  });

  it('is the one that chat has, and the other way round', async () => {
    const { model, document } = await gate();
    const body = { message: QUESTION, knowledgeBaseIds: [document.knowledgeBaseId] };
    const inChat = await people[0].must<ChatAnswer>('POST', '/api/v1/chat', body);
    expect(await ask(other, model)).toMatchObject({ cache: 'hit', text: inChat.text });

    const second = await gate();
    const { text } = await ask(one, second.model);
    const asked = { message: QUESTION, knowledgeBaseIds: [second.document.knowledgeBaseId] };
    expect(await people[1].must<ChatAnswer>('POST', '/api/v1/chat', asked)).toMatchObject({ cache: 'hit', text });
  });

  it('passes the cache by for who refuses it, and where there are messages before', async () => {
    const { model } = await gate();
    await ask(one, model);
    const before = [...ASK, { role: 'assistant' as const, content: 'At seven [1].' }];

    expect(await cacheOf(other, model, {}, { 'cache-control': 'no-cache' })).toBe('bypass');
    expect(await cacheOf(other, model, { messages: [...before, ...ASK] })).toBe('bypass');
    expect(await cacheOf(other, model)).toBe('hit');
  });

  it('is made anew for who takes only a shorter one', async () => {
    const { model } = await gate();
    const { text } = await ask(one, model);
    const shorter = await ask(other, model, { max_completion_tokens: 3 });

    expect(shorter).toMatchObject({ cache: 'miss', platform: { support: null } });
    expect(shorter.text.length).toBeLessThan(text.length);
    expect(await ask(other, model, { max_completion_tokens: 500 })).toMatchObject({ cache: 'hit', text });
  });

  it('is gone with its document', async () => {
    const { model, document } = await gate();
    await ask(one, model);
    const path = `/api/v1/knowledge-bases/${document.knowledgeBaseId}/documents/${document.id}`;
    await keeper.must('PATCH', path, {
      access: { visibility: 'restricted', users: [people[0].oid], groups: [], roles: [] },
    });
    expect(await ask(other, model)).toMatchObject({ cache: 'miss', text: 'The documents do not say.' });
    await keeper.must('DELETE', path);
    expect(await ask(one, model)).toMatchObject({ cache: 'miss', text: 'The documents do not say.' });
  });

  it('that was given again is metered as what it saved', async () => {
    const { model, document } = await gate();
    const finance = await tenant.person(['FinanceViewer']);
    await ask(one, model);
    const day = new Date().toISOString().slice(0, 10);
    await ask(other, model);
    const metered = await eventually(async () => {
      const query = `from=${day}&to=${new Date().toISOString().slice(0, 10)}&groupBy=knowledge-base`;
      const { groups } = await finance.must<UsageReport>('GET', `/api/v1/admin/usage?${query}`);
      const found = groups.find(({ group }) => group === document.knowledgeBaseId);
      return found && found.savedMicroUsd > 0 ? found : undefined;
    });

    expect(metered.savedMicroUsd).toBeLessThanOrEqual(metered.costMicroUsd);
  });
});
