import { recordRetrieval } from '../audit/record-retrieval.ts';
import type { CachedAnswer } from '../cache/cached-answer.ts';
import type { ChatAnswer } from '../contracts/chat.ts';
import type { AnswerSupport } from '../contracts/citations.ts';
import type { UiFinishReason, UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { type AppError, isAppError } from '../errors.ts';
import { withSpan } from '../telemetry/span.ts';
import type { AgentRuntime } from './agent-runtime.ts';
import { finishedAnswer, totalUsage } from './finished-answer.ts';
import { pauseRun } from './pause-run.ts';
import type { PreparedTurn, TurnOptions } from './prepared-turn.ts';
import { replayAnswer } from './replay-answer.ts';
import type { RunProgress } from './run.ts';
import { saveAnswer } from './save-answer.ts';
import { supportStep } from './support-step.ts';
import { suggestTitle } from './title.ts';

export interface AnswerOptions extends TurnOptions {
  readonly runtime: AgentRuntime;
}

/** How a segment ended, and why it broke off if it did after it had begun. */
interface Ending {
  readonly finishReason: ChatAnswer['finishReason'];
  readonly failure: AppError | null;
  readonly support: AnswerSupport | null;
}

/**
 * Answers a prepared turn as a stream of UI message chunks and returns the answer as it was saved.
 * What was said before a failure or a stop is saved too.
 * @throws AppError when the model fails before its first word; nothing has been saved then but the question.
 */
export async function* answerTurn(
  options: AnswerOptions,
  turn: PreparedTurn,
  progress: RunProgress,
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk, ChatAnswer> {
  const { sessionId, runId, answerId } = turn;
  yield { type: 'start', messageId: answerId, messageMetadata: { sessionId, runId } };
  // The log shows at once that a paused run goes on.
  if (turn.resumed) await progress.flushed();
  yield* turn.notices;
  const { searchedFor } = turn.state;
  if (searchedFor !== undefined && !turn.resumed) yield { type: 'data-search', data: { searchedFor } };
  const title = turn.isNewSession && !turn.cache.found ? meteredTitle(options, turn, signal) : null;
  const recorded = recordSearch(options, turn);
  let ending: Ending;
  try {
    ending = turn.cache.found ? yield* replay(turn, turn.cache.found) : yield* runAgent(options, turn, signal);
  } catch (error) {
    await keepQuestion(options, turn, title);
    throw error;
  }
  const suggested = await title;
  // Before the stores, whose failure must not hide what was spent.
  await turn.usage.send();
  const newTitle = suggested ?? (turn.isNewSession ? turn.cache.found?.title : null) ?? null;
  if (newTitle !== null) yield { type: 'data-title', data: { title: newTitle }, transient: true };

  const answer = toAnswer(options, turn, ending);
  const finish = endingChunk(ending, answer);
  const isPaused = ending.finishReason === 'awaiting-approval';
  // Before the session is looked at again, so that whoever deletes it meanwhile leaves nothing behind.
  const last = isPaused ? await pauseRun(options, turn, finish, progress) : [finish];
  const kept = turn.cache.keep(finishedAnswer(options, turn.state, { ...ending, title: newTitle }));
  const saved = withSpan('persist', {}, () => saveAnswer(options, turn, answer, newTitle));
  await Promise.all([recorded, kept, saved]);
  yield* last;
  return answer;
}

async function* replay(turn: PreparedTurn, found: CachedAnswer): AsyncGenerator<UiMessageChunk, Ending> {
  const finishReason = yield* replayAnswer(turn, found);
  return { finishReason, failure: null, support: found.support };
}

async function* runAgent(
  { runtime, checkSupport }: AnswerOptions,
  turn: PreparedTurn,
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk, Ending> {
  if (turn.cache.status === 'miss') yield { type: 'data-cache', data: { status: 'miss', savedMicroUsd: 0 } };
  try {
    const steps = turn.resumed ? runtime.resume(turn, turn.resumed.decisions, signal) : runtime.run(turn, signal);
    const finishReason = yield* steps;
    const support = finishReason === 'stop' ? yield* supportStep(checkSupport, turn, signal) : null;
    return { finishReason, failure: null, support };
  } catch (error) {
    if (signal.aborted) return { finishReason: 'stopped', failure: null, support: null };
    const hasBegun = turn.state.text !== '' && isAppError(error);
    if (hasBegun) return { finishReason: 'error', failure: error, support: null };
    throw error;
  }
}

/** Which documents the model gets to see is on record even if it then fails; nobody waits for it before the first word. */
async function recordSearch(
  { audit }: TurnOptions,
  { searched, principal, runId: subject }: PreparedTurn,
): Promise<void> {
  if (searched) await recordRetrieval(audit, principal, { subject, ...searched });
}

/** null when there is none in time. Never fails. */
async function meteredTitle(
  { model }: TurnOptions,
  { principal, state, usage }: PreparedTurn,
  signal: AbortSignal,
): Promise<string | null> {
  const { choice, question, usages } = state;
  const suggested = await suggestTitle(model, { principal, choice }, question, signal);
  if (!suggested) return null;
  usage.add('title', choice.model.name, suggested.usage);
  usages.push({ kind: 'title', model: choice.model.name, usage: suggested.usage });
  return suggested.title;
}

/** After a failure before the first word: the question stays, and what was spent counts. Never fails. */
async function keepQuestion(options: TurnOptions, turn: PreparedTurn, title: Promise<unknown> | null): Promise<void> {
  // Should the stores fail as well, the model's failure is still the one to tell.
  const nothing = toAnswer(options, turn, { finishReason: 'error', support: null });
  await saveAnswer(options, turn, nothing, null).catch(() => undefined);
  // Nobody waits for the title now, but its call counts.
  if (title) void title.then(() => turn.usage.send());
  else await turn.usage.send();
}

function toAnswer(
  { prices, now }: TurnOptions,
  turn: PreparedTurn,
  { finishReason, support }: Pick<Ending, 'finishReason' | 'support'>,
): ChatAnswer {
  const { sessionId, runId, answerId: messageId, state, cache, promptVersion } = turn;
  const { text, citations, choice, route, searchedFor } = state;
  const usage = totalUsage(state.usages, prices, now().toISOString());
  const model = cache.found?.model ?? route?.model ?? choice.model.name;
  const how = { model, usage, route, cache: cache.status, support, promptVersion };
  const whole = searchedFor === undefined ? {} : { searchedFor };
  return { sessionId, runId, messageId, text, citations, finishReason, ...how, ...whole };
}

const UI_FINISH_REASON: Readonly<Record<ChatAnswer['finishReason'], UiFinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'awaiting-approval': 'tool-calls',
  stopped: 'other',
  error: 'error',
};

function endingChunk({ failure, finishReason }: Ending, answer: ChatAnswer): UiMessageChunk {
  if (failure) return { type: 'error', errorText: failure.message };
  if (finishReason === 'stopped') return { type: 'abort', reason: 'stopped' };
  const { sessionId, runId, model, usage } = answer;
  return {
    type: 'finish',
    finishReason: UI_FINISH_REASON[finishReason],
    messageMetadata: { sessionId, runId, model, usage },
  };
}
