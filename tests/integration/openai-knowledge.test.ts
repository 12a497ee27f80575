import type OpenAI from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditItem } from '../../shared/contracts/audit.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import { errorOf, openAiClient } from './support/openai-app.ts';
import {
  createKnowledgeBase,
  onboardTenant,
  stack,
  startAnotherApp,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';

const NAME = 'Holiday rules';
const MODEL = `kb/${NAME}`;
const ASK = [{ role: 'user' as const, content: 'How many days of holiday are there?' }];

let tenant: TestTenant;
let keeper: TestPerson;
let member: TestPerson;
let knowledgeBase: KnowledgeBase;
let client: OpenAI;

beforeAll(async () => {
  tenant = await onboardTenant();
  [keeper, member] = await Promise.all([tenant.person(['KnowledgeManager']), tenant.person(['Member'])]);
  client = openAiClient(stack.apiUrl, member);
  knowledgeBase = await createKnowledgeBase(keeper, { name: NAME });
  await uploadAndWait(keeper, knowledgeBase.id, 'rules.md', '# Rules\n\nThere are 28 days of holiday a year.');
});

/** The marker in the text that an annotation points at. */
const marked = (text: string, { start_index, end_index }: { start_index: number; end_index: number }) =>
  text.slice(start_index, end_index);

describe('a knowledge base as a model', () => {
  it('answers from its documents, with citations as annotations', async () => {
    const { choices, model, usage } = await client.chat.completions.create({ model: MODEL, messages: ASK });
    const message = choices[0]?.message;
    const cited = message?.annotations?.[0]?.url_citation;
    if (!message?.content || !cited) throw new Error(`Nothing is cited: ${JSON.stringify(message)}`);

    expect(message.content).toContain('28 days');
    expect(marked(message.content, cited)).toBe('[1]');
    expect(cited.title).toBe('rules.md › Rules');
    expect(cited).toMatchObject({
      citation: { number: 1, knowledgeBaseId: knowledgeBase.id, documentName: 'rules.md' },
    });
    expect((await member.fetch(new URL(cited.url).pathname + new URL(cited.url).search)).status).toBe(200);
    expect(model).toBe(MODEL);
    expect(usage?.prompt_tokens).toBeGreaterThan(0);
  });

  it('names its sources where callers reach the platform, behind a gateway', async () => {
    const app = await startAnotherApp({ env: { PUBLIC_URL: 'https://ai.contoso.example/' } });
    const { choices } = await openAiClient(app.url, member).chat.completions.create({ model: MODEL, messages: ASK });
    await app.stop();

    const url = choices[0]?.message.annotations?.[0]?.url_citation.url;
    expect(url).toMatch(/^https:\/\/ai\.contoso\.example\/api\/v1\/knowledge-bases\/kb_/);
  });

  it('streams the same, the annotation after its marker', async () => {
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const annotations: { url_citation: { start_index: number; end_index: number } }[] = [];
    let usages = 0;
    for await (const { choices, usage } of stream) {
      const delta = choices[0]?.delta as { content?: string; annotations?: typeof annotations } | undefined;
      text += delta?.content ?? '';
      annotations.push(...(delta?.annotations ?? []));
      if (usage) usages += 1;
    }

    expect(text).toContain('28 days');
    expect(annotations.map(({ url_citation }) => marked(text, url_citation))).toEqual(['[1]']);
    expect(usages).toBe(1);
  });

  it.each([false, true])('cites in responses too (stream: %s)', async (stream) => {
    const asked = { model: MODEL, input: 'How many days of holiday are there?' };
    const response = stream
      ? await client.responses.stream(asked).finalResponse()
      : await client.responses.create(asked);
    const [item] = response.output;
    const part = item?.type === 'message' ? item.content[0] : undefined;
    if (part?.type !== 'output_text') throw new Error('There is no text.');
    const [cited] = part.annotations;

    expect(cited).toMatchObject({ type: 'url_citation', title: 'rules.md › Rules' });
    expect(cited?.type === 'url_citation' && marked(part.text, cited)).toBe('[1]');
  });

  it('answers from what the filters of `platform` allow, and says which are wrong', async () => {
    const { id } = await createKnowledgeBase(keeper);
    const texts = {
      north: 'The mandragora tide is seven metres high.',
      south: 'The mandragora tide is two metres high.',
    };
    for (const [tag, text] of Object.entries(texts)) {
      const document = await uploadAndWait(keeper, id, `${tag}.txt`, text);
      await keeper.must('PATCH', `/api/v1/knowledge-bases/${id}/documents/${document.id}`, { tags: [tag] });
    }
    const input = 'How high is the mandragora tide?';
    const asked = { model: `kb/${id}`, messages: [{ role: 'user' as const, content: input }] };
    const only = (tag: string) => ({ platform: { filters: { tags: { any: [tag] } } } });
    const north = await client.chat.completions.create({ ...asked, ...only('north') });
    const south = await client.responses.create({ model: `kb/${id}`, input, ...only('south') });

    expect(north.choices[0]?.message.content).toContain('seven');
    expect(north.choices[0]?.message.content).not.toContain('two');
    expect(south.output_text).toContain('two');
    expect(south.output_text).not.toContain('seven');
    const wrong = { ...asked, platform: { filters: { colour: 'red' } } };
    expect(await errorOf(client.chat.completions.create(wrong))).toMatchObject({ status: 400 });
    const model = { model: 'local-extractive', input, ...only('north') };
    expect(await errorOf(client.responses.create(model))).toMatchObject({ status: 400, param: 'platform.filters' });
  });

  it('goes by the history that the client sends', async () => {
    const { choices } = await client.chat.completions.create({
      model: MODEL,
      messages: [
        { role: 'system', content: 'Answer like a pirate.' },
        ...ASK,
        { role: 'assistant', content: 'There are 28 days of holiday a year [1].' },
        { role: 'user', content: 'And how many days are that a year?' },
      ],
    });

    expect(choices[0]?.message.content).toContain('28');
  });

  it('is found by its name whatever the case, and by its id', async () => {
    for (const model of [`kb/${NAME.toUpperCase()}`, `kb/${knowledgeBase.id}`]) {
      expect((await client.chat.completions.create({ model, messages: ASK })).choices[0]?.message.content).toContain(
        '28',
      );
    }
  });

  it('puts the search and the call on record', async () => {
    const auditor = await tenant.person(['Auditor']);
    const caller = await tenant.person(['Member']);
    await openAiClient(stack.apiUrl, caller).chat.completions.create({ model: MODEL, messages: ASK });
    const { items } = await auditor.must<{ items: AuditItem[] }>('GET', `/api/v1/admin/audit?actor=${caller.oid}`);
    const acts = Object.fromEntries(items.map((item) => [item.action, item]));

    expect(acts['retrieval.done']?.details).toMatchObject({ knowledgeBaseIds: [knowledgeBase.id], passages: 1 });
    expect(acts['model.called']).toMatchObject({ subject: knowledgeBase.id, details: { operation: 'chat' } });
  });

  it('is not there for another tenant, nor for who may not see it', async () => {
    const stranger = await (await onboardTenant()).person(['TenantAdmin']);
    const restricted = await createKnowledgeBase(keeper, {
      name: 'Secret',
      access: { visibility: 'restricted', users: [], groups: [], roles: [] },
    });
    const foreign = openAiClient(stack.apiUrl, stranger);
    const attempts = [
      () => foreign.chat.completions.create({ model: `kb/${knowledgeBase.id}`, messages: ASK }),
      () => foreign.responses.create({ model: MODEL, input: 'Holiday?' }),
      () => foreign.models.retrieve(MODEL),
      () => client.chat.completions.create({ model: 'kb/Secret', messages: ASK }),
      () => client.chat.completions.create({ model: `kb/${restricted.id}`, messages: ASK }),
    ];

    for (const attempt of attempts) {
      expect(await errorOf(attempt())).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    }
  });

  it('is asked by its id when another has its name', async () => {
    const twin = await createKnowledgeBase(keeper, { name: 'Twin' });
    await createKnowledgeBase(keeper, { name: 'Twin' });
    const error = await errorOf(client.chat.completions.create({ model: 'kb/Twin', messages: ASK }));
    const ids = (await client.models.list()).data.map(({ id }) => id);

    expect(error).toMatchObject({ status: 404, message: expect.stringContaining('by its id') });
    expect(ids).toContain(`kb/${twin.id}`);
    expect(ids).not.toContain('kb/Twin');
  });

  it.each([
    ['n', { n: 2 }],
    ['tools', { tools: [{ type: 'function' as const, function: { name: 'f' } }] }],
    ['response_format', { response_format: { type: 'json_object' as const } }],
    ['logprobs', { logprobs: true }],
  ])('refuses what it cannot do: %s', async (param, fields) => {
    const error = await errorOf(client.chat.completions.create({ model: MODEL, messages: ASK, ...fields }));

    expect(error).toMatchObject({ status: 400, param });
  });
});
