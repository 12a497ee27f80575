import type OpenAI from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { CHAT_MODEL, EMBEDDING_MODEL, errorOf, openAiClient } from './support/openai-app.ts';
import { createKnowledgeBase, onboardTenant, stack } from './support/platform.ts';

let client: OpenAI;

beforeAll(async () => {
  const tenant = await onboardTenant();
  const keeper = await tenant.person(['KnowledgeManager']);
  await createKnowledgeBase(keeper, { name: 'Handbook / 2026' });
  client = openAiClient(stack.apiUrl, await tenant.person(['Member']));
});

describe('the list of models', () => {
  it('has what may be named, and each can be asked for', async () => {
    const { data, response } = await client.models.list().withResponse();
    const ids = data.data.map(({ id }) => id);

    expect(response.headers.get('x-request-id')).toBe(response.headers.get('x-trace-id'));
    expect(ids).toEqual(expect.arrayContaining(['auto', CHAT_MODEL, EMBEDDING_MODEL, 'kb/Handbook / 2026']));
    for (const id of ids) expect(await client.models.retrieve(id)).toMatchObject({ id, object: 'model' });
  });

  it('leaves out what a policy leaves out', async () => {
    const tenant = await onboardTenant('Choosy', { models: [EMBEDDING_MODEL] });
    const choosy = openAiClient(stack.apiUrl, await tenant.person(['Member']));

    expect((await choosy.models.list()).data.map(({ id }) => id)).toEqual([EMBEDDING_MODEL]);
    expect(await errorOf(choosy.models.retrieve(CHAT_MODEL))).toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('embeddings', () => {
  const input = ['How many days of holiday are there?', 'When is pay?'];

  it('are the same as numbers and as base64, which the client asks for by itself', async () => {
    const decoded = await client.embeddings.create({ model: EMBEDDING_MODEL, input });
    const numbers = await client.embeddings.create({ model: EMBEDDING_MODEL, input, encoding_format: 'float' });

    expect(decoded.data).toHaveLength(2);
    expect(numbers.usage.prompt_tokens).toBeGreaterThan(0);
    const [one, other] = [decoded, numbers].map(({ data }) => data[0]?.embedding ?? []);
    expect(one).toHaveLength(512);
    expect(one?.every((value, index) => Math.abs(value - (other?.[index] ?? 0)) < 1e-6)).toBe(true);
  });

  it('of one text are one vector', async () => {
    const { data } = await client.embeddings.create({ model: EMBEDDING_MODEL, input: 'Hello', dimensions: 512 });

    expect(data.map(({ embedding }) => embedding.length)).toEqual([512]);
  });

  it.each([
    ['more dimensions than there are', { dimensions: 4_096 }, 400, 'dimensions'],
    ['dimensions that the model cannot give', { dimensions: 100 }, 400, 'dimensions'],
    ['a chat model', { model: CHAT_MODEL }, 404, 'model'],
    ['no text', { input: [] }, 400, 'input'],
    ['another encoding', { encoding_format: 'hex' }, 400, 'encoding_format'],
  ])('are refused for %s', async (_, fields, status, param) => {
    const asked = { model: EMBEDDING_MODEL, input: 'Hello', ...fields } as OpenAI.EmbeddingCreateParams;

    expect(await errorOf(client.embeddings.create(asked))).toMatchObject({ status, param });
  });
});
