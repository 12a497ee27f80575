import type { Model } from '../../shared/contracts/models.ts';
import { askAtOnce } from './ask-at-once.ts';
import { sayAll } from './ask-questions.ts';
import type { DemoContext } from './demo-context.ts';

const QUESTION = 'What does error code E12 mean on the Aurora thermostat?';
const ANSWER = 'Battery almost empty';
// Whole in itself: to make it so would be a call of its own, which would meet the failure in place of the answer.
const FOLLOW_UP = 'What does error code E47 mean on the Aurora thermostat?';
const FOLLOW_UP_ANSWER = 'boiler relay';

/** Leaves the choice of a model to the platform, then lets a region fail and checks that another one answers. */
export async function checkModels(context: DemoContext): Promise<void> {
  context.screen.title('Choosing a model, and losing a region');
  await checkList(context);
  await checkChoice(context);
  await checkFailover(context);
}

async function checkList({ checks, signIn }: DemoContext): Promise<void> {
  const { items } = await (await signIn('alice')).must<{ items: Model[] }>('GET', '/api/v1/models');
  const chat = items.filter(({ kind }) => kind === 'chat');
  const found = chat.map(({ name, regions }) => `${name} in ${regions.join(' and ')}`).join(', ');
  const isMet = chat.length > 1 && chat.every(({ regions }) => regions.length > 1);
  checks.expect('there are two chat models, each in two regions', isMet && items.length > chat.length, found);
}

async function checkChoice(context: DemoContext): Promise<void> {
  const question = { message: 'Hello', model: 'auto', knowledgeBaseIds: [], tools: [] };
  const { headers, body } = await askAtOnce(context, 'alice', question);
  const header = headers.get('x-model-route') ?? 'no header';
  const isSmall = body.route?.reason === 'auto:short' && body.model === 'local-extractive';
  context.checks.expect(
    '`auto` takes the small model for what is short',
    isSmall && header.includes('auto:short'),
    header,
  );
}

async function checkFailover(context: DemoContext): Promise<void> {
  const { checks, idOf } = context;
  const knowledgeBaseIds = [idOf('support')];
  const first = await askAtOnce(context, 'alice', { message: QUESTION, knowledgeBaseIds, useCache: false });
  const region = first.body.route?.region ?? '';
  checks.expect(
    `the first answer says "${ANSWER}"`,
    sayAll(first.body.text, [ANSWER]),
    `${first.body.text} (${region})`,
  );
  await planFailure(context, region);
  const { body } = await askAtOnce(context, 'alice', { message: FOLLOW_UP, sessionId: first.body.sessionId });
  const { route, text } = body;
  const found = `${route?.region}, ${route?.attempts} attempts`;
  const isMet = route?.attempts === 2 && route.region !== region;
  checks.expect(`with ${region} throttled, the other region answers`, isMet, found);
  checks.expect(`that answer says "${FOLLOW_UP_ANSWER}"`, sayAll(text, [FOLLOW_UP_ANSWER]), text);
}

/** A conversation stays with its region, so this is the one that will be asked. */
async function planFailure({ screen, target }: DemoContext, region: string): Promise<void> {
  const response = await fetch(`${target.modelsUrl}/_control/failures`, {
    method: 'POST',
    body: JSON.stringify([{ kind: 'throttle', operation: 'chat', region }]),
  });
  if (!response.ok) throw new Error(`The model server refused to fail: ${await response.text()}`);
  screen.line(`\n  ${screen.paint('dim', `The model server is told to throttle the next call in ${region}.`)}`);
}
