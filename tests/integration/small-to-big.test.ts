import { beforeAll, describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../shared/contracts/chat.ts';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { SearchResult } from '../../shared/contracts/search.ts';
import { openAiClient } from './support/openai-app.ts';
import { createKnowledgeBase, onboardTenant, stack, type TestPerson, uploadAndWait } from './support/platform.ts';

const QUESTION = 'Which colour has the gate of the northern depot?';
const filler = (topic: string) =>
  Array.from({ length: 6 }, (_, index) => `Rule ${index + 1} about ${topic} is to be followed by everybody.`).join(' ');
/** What answers the question is in one passage; what belongs to it in the ones beside it. */
const HANDBOOK = [
  '# Handbook',
  '## Depots',
  `Keys are kept by the porter. ${filler('keys')}`,
  `The gate of the northern depot has a green colour. ${filler('gates')}`,
  `Visitors ring twice. ${filler('visitors')}`,
  '## Canteen',
  `Soup is served at noon. ${filler('soup')}`,
].join('\n\n');

let keeper: TestPerson;
let member: TestPerson;

beforeAll(async () => {
  const tenant = await onboardTenant();
  [keeper, member] = await Promise.all([tenant.person(['KnowledgeManager']), tenant.person(['Member'])]);
});

async function knowledgeBaseWith(surroundingTokens: number): Promise<KnowledgeBase> {
  const chunking = { strategy: 'paragraph', maxTokens: 110, overlapTokens: 0, surroundingTokens };
  const knowledgeBase = await createKnowledgeBase(keeper, { chunking });
  await uploadAndWait(keeper, knowledgeBase.id, 'handbook.md', HANDBOOK);
  return knowledgeBase;
}

async function find({ id }: KnowledgeBase): Promise<SearchResult[]> {
  const body = { query: QUESTION, limit: 8, knowledgeBaseIds: [id] };
  return (await member.must<{ results: SearchResult[] }>('POST', '/api/v1/query', body)).results;
}

describe('a knowledge base with surroundings', () => {
  let knowledgeBase: KnowledgeBase;

  beforeAll(async () => {
    knowledgeBase = await knowledgeBaseWith(400);
  });

  it('finds the small passage and tells the text around it, whole paragraphs of its section', async () => {
    const [best] = await find(knowledgeBase);
    const { documentId = '', start = 0, end = 0, surroundings } = best ?? {};
    if (!surroundings) throw new Error('There are no surroundings.');
    const read = async (from: number, to: number) => {
      const path = `/api/v1/knowledge-bases/${knowledgeBase.id}/documents/${documentId}/text?start=${from}&end=${to}`;
      return (await member.call<string>('GET', path)).body;
    };

    expect(best?.text).toMatch(/^The gate of the northern depot/);
    expect(best?.text).not.toContain('Visitors');
    expect(surroundings.text).toMatch(/Keys are kept.*The gate.*Visitors ring twice/s);
    expect(await read(start, end)).toContain(best?.text);
    expect(await read(surroundings.start, surroundings.end)).toContain(surroundings.text);
  });

  it('answers from the surroundings once, and cites the small passage', async () => {
    const asked = { message: QUESTION, knowledgeBaseIds: [knowledgeBase.id] };
    const { text, citations, support } = await member.must<ChatAnswer>('POST', '/api/v1/chat', asked);
    const [best] = await find(knowledgeBase);

    expect(text).toContain('green');
    // Every passage of the document stands in the surroundings of the best one, so there is only one to cite.
    expect(citations.map(({ number }) => number)).toEqual([1]);
    expect(citations[0]).toMatchObject({ start: best?.start, end: best?.end });
    expect(support?.status).toBe('supported');
  });

  it('answers clients of OpenAI from the surroundings too', async () => {
    const twin = await knowledgeBaseWith(0);
    const client = openAiClient(stack.apiUrl, member);
    const tokensOf = async ({ id }: KnowledgeBase) => {
      const messages = [{ role: 'user' as const, content: QUESTION }];
      const { choices, usage } = await client.chat.completions.create({ model: `kb/${id}`, messages });
      expect(choices[0]?.message.content).toContain('green');
      return usage?.prompt_tokens ?? 0;
    };
    const [withSurroundings, without] = [await tokensOf(knowledgeBase), await tokensOf(twin)];

    // The surroundings of the best passage are the passages beside it, which are not given again.
    expect(withSurroundings).toBeLessThan(without);
    expect((await find(twin)).every(({ surroundings }) => surroundings === null)).toBe(true);
  });
});

it('refuses surroundings that are smaller than a passage', async () => {
  const chunking = { maxTokens: 400, surroundingTokens: 300 };
  const { status, body } = await keeper.call('POST', '/api/v1/knowledge-bases', { name: 'Too small', chunking });

  expect(status).toBe(400);
  expect(JSON.stringify(body)).toContain('more than maxTokens');
});
