import type { UiMessageChunk } from '../../shared/contracts/ui-message-stream.ts';
import type { PlatformClient } from '../platform-client.ts';
import { readsOf } from './ask.ts';
import { askAtOnce, postForAnswer, showAnswer } from './ask-at-once.ts';
import type { DemoContext } from './demo-context.ts';

/** The local model calls a tool when it is told to by name; a real one decides by itself. */
const CLOCK = 'Use the tool current_time with {"timeZone":"Europe/Berlin"}';
const SUM = 'Use the tool calculator with {"expression":"(1250 - 80) * 1.19"}';
const TOTAL = '1392.3';

/** Lets the model call a tool that runs at once, and one for which whoever asks is asked. */
export async function checkTools(context: DemoContext): Promise<void> {
  context.screen.title('Letting the model use tools');
  await checkCall(context);
  await checkApproval(context);
}

async function checkCall(context: DemoContext): Promise<void> {
  const { body } = await askAtOnce(context, 'alice', { message: CLOCK, knowledgeBaseIds: [] });
  const events = await eventsOf(await context.signIn('alice'), body.runId);
  const outputs = events.flatMap((event) =>
    event.type === 'tool-output-available' ? [JSON.stringify(event.output)] : [],
  );
  const isMet = outputs.length === 1 && outputs[0]?.includes('Europe/Berlin') === true;
  context.checks.expect('the tool current_time was run, once', isMet, outputs.join(', ') || 'no result');
}

async function checkApproval(context: DemoContext): Promise<void> {
  const { checks } = context;
  const client = await context.signIn('alice');
  const { body } = await askAtOnce(context, 'alice', { message: SUM, knowledgeBaseIds: [] });
  const asked = await eventsOf(client, body.runId);
  const requests = asked.flatMap((event) => (event.type === 'tool-approval-request' ? [event.approvalId] : []));
  const hasRun = asked.some(({ type }) => type === 'tool-output-available');
  const waits = body.finishReason === 'awaiting-approval' && requests.length === 1 && !hasRun;
  checks.expect(
    'the calculator waits for alice, and has not been run',
    waits,
    `${body.finishReason}, ${requests.length}`,
  );
  const decisions = requests.map((approvalId) => ({ approvalId, approved: true }));
  const path = `/api/v1/runs/${body.runId}/approvals`;
  context.screen.line(`\n  ${context.screen.paint('bold', 'alice')} approves.`);
  const { body: answer } = showAnswer(context, await postForAnswer(client, path, { decisions }));
  const isMet = answer.finishReason === 'stop' && answer.text.includes(TOTAL);
  checks.expect(`once approved, the same run answers ${TOTAL}`, isMet && answer.runId === body.runId, answer.text);
  const { status } = await client.call('POST', path, { decisions });
  checks.expect('a second decision comes too late: 409', status === 409, String(status));
}

/** The events of a run that has ended or waits. */
async function eventsOf(client: PlatformClient, runId: string): Promise<UiMessageChunk[]> {
  const { body } = await client.fetch(`/api/v1/runs/${runId}/events`);
  if (!body) throw new Error(`${runId} has no events.`);
  const events: UiMessageChunk[] = [];
  for await (const chunks of readsOf(body)) events.push(...chunks);
  return events;
}
