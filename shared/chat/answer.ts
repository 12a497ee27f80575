import { recordRetrieval } from '../audit/record-retrieval.ts';
import type { ChatAnswer } from '../contracts/chat.ts';
import type { TokenUsage } from '../contracts/citations.ts';
import type { UiFinishReason, UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { type AppError, isAppError } from '../errors.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { AgentRuntime } from './agent-runtime.ts';
import type { AgentState } from './agent-state.ts';
import { pauseRun } from './pause-run.ts';
import type { RunProgress } from './run.ts';
import { saveAnswer } from './save-answer.ts';
import { type SuggestedTitle, suggestTitle } from './title.ts';
import type { PreparedTurn, TurnOptions } from './turn.ts';

export interface AnswerOptions extends TurnOptions {
  readonly runtime: AgentRuntime;
}

/** How a segment ended, and why it broke off if it did after it had begun. */
interface Ending {
  readonly finishReason: ChatAnswer['finishReason'];
  readonly failure: AppError | null;
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
  const title = turn.isNewSession ? meteredTitle(options, turn, signal) : null;
  const recorded = recordSearch(options, turn);
  let ending: Ending;
  try {
    ending = yield* runAgent(options, turn, signal);
  } catch (error) {
    await keepQuestion(options, turn, title);
    throw error;
  }
  const suggested = await title;
  // Before the stores, whose failure must not hide what was spent.
  await turn.usage.send();
  if (suggested) yield { type: 'data-title', data: { title: suggested }, transient: true };
  // The check of what the answer is supported by, and keeping it in the semantic cache, belong here.

  const answer = toAnswer(options, turn, ending.finishReason);
  const finish = endingChunk(ending, answer);
  const isPaused = ending.finishReason === 'awaiting-approval';
  // Before the session is looked at again, so that whoever deletes it meanwhile leaves nothing behind.
  const last = isPaused ? await pauseRun(options, turn, finish, progress) : [finish];
  await Promise.all([recorded, saveAnswer(options, turn, answer, suggested)]);
  yield* last;
  return answer;
}

async function* runAgent(
  { runtime }: AnswerOptions,
  turn: PreparedTurn,
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk, Ending> {
  try {
    const steps = turn.resumed ? runtime.resume(turn, turn.resumed.decisions, signal) : runtime.run(turn, signal);
    return { finishReason: yield* steps, failure: null };
  } catch (error) {
    if (signal.aborted) return { finishReason: 'stopped', failure: null };
    if (turn.state.text !== '' && isAppError(error)) return { finishReason: 'error', failure: error };
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

/** The title, or null when there is none to tell. Never fails. */
async function meteredTitle(options: TurnOptions, turn: PreparedTurn, signal: AbortSignal): Promise<string | null> {
  const { principal, state } = turn;
  const { choice } = state;
  const suggested: SuggestedTitle | null = await suggestTitle(
    options.model,
    { principal, choice },
    state.question,
    signal,
  );
  if (!suggested) return null;
  turn.usage.add('title', choice.model.name, suggested.usage);
  state.usages.push({ model: choice.model.name, usage: suggested.usage });
  return suggested.title;
}

/** After a failure before the first word: the question stays, and what was spent counts. Never fails. */
async function keepQuestion(options: TurnOptions, turn: PreparedTurn, title: Promise<unknown> | null): Promise<void> {
  // Should the stores fail as well, the model's failure is still the one to tell.
  await saveAnswer(options, turn, toAnswer(options, turn, 'error'), null).catch(() => undefined);
  // Nobody waits for the title now, but its call counts.
  if (title) void title.then(() => turn.usage.send());
  else await turn.usage.send();
}

function toAnswer(
  { now, prices }: TurnOptions,
  turn: PreparedTurn,
  finishReason: ChatAnswer['finishReason'],
): ChatAnswer {
  const { sessionId, runId, answerId: messageId, state } = turn;
  const { text, citations, choice, route } = state;
  const model = route?.model ?? choice.model.name;
  const usage = totalUsage(state, prices, now().toISOString());
  return { sessionId, runId, messageId, text, citations, model, finishReason, usage, route };
}

function totalUsage({ usages }: AgentState, prices: PriceBook, at: string): TokenUsage {
  const total = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
  for (const { model, usage } of usages) {
    total.inputTokens += usage.inputTokens;
    total.cachedInputTokens += usage.cachedInputTokens;
    total.outputTokens += usage.outputTokens;
    total.costMicroUsd += prices.amountsOf(model, usage, at).microUsd;
  }
  return total;
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
