import OpenAI, { NotFoundError } from 'openai';
import { sampleKnowledgeBases } from '../sample-documents/catalogue.ts';
import { sayAll } from './ask-questions.ts';
import type { DemoContext } from './demo-context.ts';
import { createWordWrap } from './word-wrap.ts';

const QUESTION = 'Within how many days must an expense report be submitted after a trip?';
const ANSWER = 'within 30 days';
/** A cached answer would do, but is not written while one watches. */
const FRESH = { headers: { 'cache-control': 'no-cache' } };

/** Comes in by the other door, with OpenAI's official client: models, a knowledge base as a model, errors. */
export async function checkOpenAiClient(context: DemoContext): Promise<void> {
  const { screen, signIn, target } = context;
  screen.title("Asking with OpenAI's client");
  const { token } = await signIn('alice');
  const client = new OpenAI({ baseURL: `${target.apiUrl}/openai/v1`, apiKey: token });
  const model = await checkModelNames(context, client);
  await checkKnowledge(context, client, model);
  await checkStream(context, client, model);
  await checkError(context, client);
}

/** Gives the name of the handbook as a model. */
async function checkModelNames({ checks }: DemoContext, client: OpenAI): Promise<string> {
  const names = (await client.models.list()).data.map(({ id }) => id);
  const nameOf = (key: string) => `kb/${sampleKnowledgeBases.find((sample) => sample.key === key)?.name}`;
  const handbook = nameOf('handbook');
  const isMet = names.includes('auto') && names.includes(handbook) && !names.includes(nameOf('finance'));
  checks.expect('alice may name models and her knowledge bases', isMet, names.join(', '));
  return handbook;
}

async function checkKnowledge(context: DemoContext, client: OpenAI, model: string): Promise<void> {
  const { checks } = context;
  const { choices } = await client.chat.completions.create({ model, messages: [{ role: 'user', content: QUESTION }] });
  const { content, annotations = [] } = choices[0]?.message ?? { content: '' };
  const [citation] = annotations.map(({ url_citation: cited }) => cited);
  checks.expect(`${model} answers "${ANSWER}"`, sayAll(content ?? '', [ANSWER]), content ?? 'nothing');
  const marker = content?.slice(citation?.start_index, citation?.end_index);
  checks.expect(
    'an annotation cites the source at its marker',
    citation !== undefined && marker === '[1]',
    `${marker} ${citation?.title}`,
  );
}

async function checkStream({ checks, screen }: DemoContext, client: OpenAI, model: string): Promise<void> {
  screen.line(`\n  ${screen.paint('bold', 'alice:')} ${QUESTION}`);
  const wrap = createWordWrap(screen.write, { width: screen.width, indent: '  ' });
  const request = { model, messages: [{ role: 'user' as const, content: QUESTION }], stream: true as const };
  let [text, pieces] = ['', 0];
  for await (const { choices } of await client.chat.completions.create(request, FRESH)) {
    const piece = choices[0]?.delta.content ?? '';
    if (piece === '') continue;
    wrap.write(piece);
    text += piece;
    pieces += 1;
  }
  wrap.end();
  checks.expect('it streams as well', pieces > 1 && sayAll(text, [ANSWER]), `${pieces} pieces`);
}

async function checkError({ checks }: DemoContext, client: OpenAI): Promise<void> {
  const request = { model: 'gpt-nowhere', messages: [{ role: 'user' as const, content: 'Hello' }] };
  const error: unknown = await client.chat.completions.create(request).catch((thrown: unknown) => thrown);
  const isMet = error instanceof NotFoundError && error.code === 'model_not_found';
  checks.expect('a model that is not there is the error that the client knows', isMet, String(error));
}
