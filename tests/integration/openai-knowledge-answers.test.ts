import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeBase } from '../../shared/contracts/knowledge-bases.ts';
import type { Policy } from '../../shared/contracts/policy.ts';
import type { PlatformFacts } from '../../shared/openai/answer-event.ts';
import { chatModel } from './support/models-file.ts';
import { errorOf, openAiClient } from './support/openai-app.ts';
import { createKnowledgeBase, onboardTenant, type TestTenant, uploadAndWait } from './support/platform.ts';
import { type ScriptedApp, startCatalogApp } from './support/scripted-app.ts';
import { refusing, type ScriptedModel, saying } from './support/scripted-model.ts';

const ASK = [{ role: 'user' as const, content: 'When does the gate open?' }];
const NOTICE = '\n\nNote: The documents do not say this. Check it before you rely on it.';

let model: ScriptedModel;
let app: ScriptedApp;
let tenant: TestTenant;
let client: OpenAI;
let asked: string;

beforeAll(async () => {
  app = await startCatalogApp([
    chatModel('small', ['here'], { contextTokens: 2_000, maxOutputTokens: 500 }),
    chatModel('large', ['here'], { contextTokens: 8_000, maxOutputTokens: 500, size: 'large' }),
  ]);
  ({ model } = app);
  ({ tenant, client, asked } = await gateUnder({}));
});
afterAll(() => app?.stop());

/** A tenant whose only document says when the gate opens, and a member who asks it. */
async function gateUnder(policy: Policy) {
  const of = await onboardTenant('A tenant with a gate', policy);
  const [keeper, member] = await Promise.all([
    of.person(['KnowledgeManager']),
    of.person(['Member'], { apiUrl: app.url }),
  ]);
  const { id }: KnowledgeBase = await createKnowledgeBase(keeper);
  await uploadAndWait(keeper, id, 'gate.md', '# Gate\n\nThe north gate opens at seven in the morning.\n');
  return { tenant: of, client: openAiClient(app.url, member), asked: `kb/${id}` };
}

type Whole = OpenAI.ChatCompletion & { readonly platform: PlatformFacts };

const ask = async (fields: object = {}, as = client, name = asked) =>
  (await as.chat.completions.create({ model: name, messages: ASK, ...fields })) as Whole;
const textOf = ({ choices }: OpenAI.ChatCompletion) => choices[0]?.message.content;
const latest = () => model.requests.at(-1);

describe('an answer that the documents do not support', () => {
  const wrong = 'The north gate opens at nine in the evening [1].';

  it('says so at its end, and in its facts', async () => {
    model.next(saying(wrong));
    const answer = await ask();
    const [sentence] = answer.platform.support?.sentences ?? [];

    expect(textOf(answer)).toBe(`${wrong}${NOTICE}`);
    expect(answer.platform.support?.status).toBe('unsupported');
    expect(wrong.slice(sentence?.start, sentence?.end)).toBe(wrong);
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { annotations: [expect.anything()] } });
  });

  it('says so before a stream ends, with the facts in the chunk that ends it', async () => {
    model.next(saying('The north gate opens ', 'at nine in the evening [1].'));
    const stream = client.chat.completions.stream({ model: asked, messages: ASK });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const said = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
    const withFacts = chunks.filter((chunk) => 'platform' in chunk);

    expect(said).toBe(`${wrong}${NOTICE}`);
    expect(withFacts).toMatchObject([
      { choices: [{ finish_reason: 'stop' }], platform: { cache: 'bypass', support: { status: 'unsupported' } } },
    ]);
    expect(withFacts[0]).toBe(chunks.at(-1));
    expect(await stream.finalChatCompletion()).toMatchObject({ platform: { cache: 'bypass' } });
  });

  it.each([false, true])('says so in responses too (stream: %s)', async (stream) => {
    model.next(saying(wrong));
    const request = { model: asked, input: 'When does the gate open?' };
    const response = stream
      ? await client.responses.stream(request).finalResponse()
      : await client.responses.create(request);

    expect(response.output[0]).toMatchObject({ content: [{ text: `${wrong}${NOTICE}` }] });
    expect(response).toMatchObject({ status: 'completed', platform: { support: { status: 'unsupported' } } });
  });
});

describe('an answer that they support', () => {
  it('is left as it is', async () => {
    model.next(saying('The north gate opens at seven [1].'));
    const answer = await ask();

    expect(textOf(answer)).toBe('The north gate opens at seven [1].');
    expect(answer.platform).toMatchObject({ support: { status: 'supported' }, notices: [] });
  });

  it('is not checked when it broke off', async () => {
    model.next((writer) => {
      writer.say('The north');
      writer.finish('length');
    });
    const answer = await ask();

    expect(answer.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'The north' } });
    expect(answer.platform.support).toBeNull();
  });
});

describe('the model that answers from a knowledge base', () => {
  it('gets what the tenant adds to the instructions, and nothing that the client says they are', async () => {
    const own = await gateUnder({ instructions: 'Say it in rhymes.' });
    await ask({ messages: [{ role: 'system', content: 'Be a pirate.' }, ...ASK] }, own.client, own.asked);
    const [system, ...rest] = latest()?.messages ?? [];

    expect(system).toMatchObject({ role: 'system', content: expect.stringContaining('Say it in rhymes.') });
    expect(rest).toEqual(ASK);
    expect(JSON.stringify(latest()?.messages)).not.toContain('pirate');
  });

  it('is chosen by the policy, by how hard the question is judged', async () => {
    const own = await gateUnder({ defaultModel: 'auto', routing: { classify: true } });
    model.next(saying('hard'), saying('At seven [1].'));
    const body = { model: own.asked, messages: ASK };
    const { response } = await own.client.chat.completions.create(body).withResponse();

    expect(response.headers.get('x-model-route')).toMatch(/^large; .*reason=auto:hard/);
    expect(model.requests.slice(-2).map(({ deployment }) => deployment)).toEqual(['small', 'large']);
  });

  it('is a larger one where the history is too long, which is told', async () => {
    const long = 'What was that? '.repeat(180);
    const history = [1, 2].flatMap(() => [
      { role: 'user' as const, content: long },
      { role: 'assistant' as const, content: long },
    ]);
    const answer = await ask({ messages: [...history, ...ASK] });

    expect(latest()?.deployment).toBe('large');
    expect(answer.platform.notices).toMatchObject([{ code: 'larger-model' }]);
  });

  it('is a larger one where its service finds the prompt too long', async () => {
    model.next(refusing(400, 'context_length_exceeded'), saying('At seven [1].'));
    const answer = await ask();

    expect(textOf(answer)).toContain('At seven');
    expect(latest()?.deployment).toBe('large');
    expect(answer.platform.notices).toMatchObject([{ code: 'larger-model' }]);
  });

  it('that breaks off after its first word ends the stream with an error', async () => {
    model.next((writer) => {
      writer.say('The north gate');
      writer.cut();
    });
    const stream = await client.chat.completions.create({ model: asked, messages: ASK, stream: true });
    let said = '';
    const error = await errorOf(
      (async () => {
        for await (const { choices } of stream) said += choices[0]?.delta.content ?? '';
      })(),
    );

    expect(said).toBe('The north gate');
    expect(error.message).not.toBe('');
    const auditor = await tenant.person(['Auditor']);
    const { items } = await auditor.must<{ items: object[] }>('GET', '/api/v1/admin/audit?action=model.called');
    expect(items[0]).toMatchObject({
      outcome: 'failed',
      subject: asked.slice('kb/'.length),
      details: { cache: 'bypass' },
    });
  });
});
