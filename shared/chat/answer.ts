import { recordRetrieval } from '../audit/record-retrieval.ts';
import type { ChatAnswer } from '../contracts/chat.ts';
import type { Citation, TokenUsage } from '../contracts/citations.ts';
import type { TurnMetadata, UiFinishReason, UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { type AppError, isAppError } from '../errors.ts';
import { toCitation } from '../knowledge/retrieval.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ChatModel, ModelUsage } from '../models/chat-model.ts';
import { createMarkerReader } from './citation-markers.ts';
import { type SuggestedTitle, suggestTitle } from './title.ts';
import type { PreparedTurn, TurnOptions } from './turn.ts';

interface Draft {
  text: string;
  readonly citations: Citation[];
  finishReason: ChatAnswer['finishReason'];
  usage: ModelUsage | null;
  model: string;
  /** Why the answer broke off after it had begun. */
  failure: AppError | null;
}

/**
 * Answers a prepared turn as a stream of UI message chunks and returns the answer as it was saved.
 * What was said before a failure or a stop is saved too.
 * @throws AppError when the model fails before its first word; nothing has been saved then but the question.
 */
export async function* answerTurn(
  options: TurnOptions,
  turn: PreparedTurn,
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk, ChatAnswer> {
  const metadata = { sessionId: turn.sessionId, runId: turn.runId };
  const draft = emptyDraft(turn.choice.model.name);
  yield { type: 'start', messageId: turn.answerId, messageMetadata: metadata };
  yield { type: 'start-step' };
  const title = turn.isNewSession ? meteredTitle(options.model, turn, signal) : null;
  const recorded = recordSearch(options, turn);
  try {
    yield* streamText(options, turn, draft, signal);
  } catch (error) {
    // The question stays; should the stores fail as well, the model's failure is still the one to tell.
    await save(options, turn, toAnswer(options, turn, draft, null), null).catch(() => undefined);
    // Nobody waits for the title now, but its call counts.
    if (title) void title.then(() => turn.usage.send());
    else await turn.usage.send();
    throw error;
  }
  turn.usage.add('chat', draft.model, usageOf(turn, draft));
  const suggested = await title;
  // Before the stores, whose failure must not hide what was spent.
  await turn.usage.send();
  if (suggested?.title) yield { type: 'data-title', data: { title: suggested.title }, transient: true };

  const answer = toAnswer(options, turn, draft, suggested);
  await Promise.all([recorded, save(options, turn, answer, suggested)]);
  yield { type: 'finish-step' };
  yield ending(draft, metadata, answer);
  return answer;
}

/** Which documents the model gets to see is on record even if it then fails; nobody waits for it before the first word. */
async function recordSearch({ audit }: TurnOptions, turn: PreparedTurn): Promise<void> {
  const { principal, runId: subject, searchedKnowledgeBaseIds: knowledgeBaseIds, passages } = turn;
  if (knowledgeBaseIds.length === 0) return;
  await recordRetrieval(audit, principal, { subject, knowledgeBaseIds, passages });
}

async function meteredTitle(model: ChatModel, turn: PreparedTurn, signal: AbortSignal): Promise<SuggestedTitle | null> {
  const suggested = await suggestTitle(model, turn, signal);
  if (suggested) turn.usage.add('title', turn.choice.model.name, suggested.usage);
  return suggested;
}

const emptyDraft = (model: string): Draft => ({
  text: '',
  citations: [],
  finishReason: 'stop',
  usage: null,
  model,
  failure: null,
});

async function* streamText(
  { model }: TurnOptions,
  turn: PreparedTurn,
  draft: Draft,
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk> {
  const id = turn.answerId;
  const newMarkers = createMarkerReader();
  const { maxOutputTokens } = turn.choice.model;
  const request = { messages: turn.prompt, maxOutputTokens, affinity: turn.sessionId };
  try {
    for await (const event of model.stream(turn.principal, turn.choice, request, signal)) {
      if (event.type === 'finish') Object.assign(draft, { finishReason: event.reason, usage: event.usage });
      if (event.type !== 'text') continue;
      if (draft.text === '') yield { type: 'text-start', id };
      draft.text += event.text;
      yield { type: 'text-delta', id, delta: event.text };
      yield* sourcesOf(newMarkers(event.text), turn, draft);
    }
  } catch (error) {
    if (signal.aborted) draft.finishReason = 'stopped';
    else if (draft.text !== '' && isAppError(error)) Object.assign(draft, { finishReason: 'error', failure: error });
    else throw error;
  }
  if (draft.text !== '') yield { type: 'text-end', id };
}

function* sourcesOf(numbers: readonly number[], turn: PreparedTurn, draft: Draft): Generator<UiMessageChunk> {
  for (const number of numbers) {
    const passage = turn.passages[number - 1];
    if (!passage) continue;
    const citation = toCitation(passage, number, turn.question);
    draft.citations.push(citation);
    yield {
      type: 'source-document',
      sourceId: passage.id,
      mediaType: 'text/plain',
      title: [passage.documentName, ...passage.headingPath].join(' › '),
      filename: passage.documentName,
      providerMetadata: { platform: { citation } },
    };
  }
}

function toAnswer(
  { now, prices }: TurnOptions,
  turn: PreparedTurn,
  draft: Draft,
  title: SuggestedTitle | null,
): ChatAnswer {
  const at = now().toISOString();
  const usages = [usageOf(turn, draft), ...(title ? [title.usage] : [])];
  return {
    sessionId: turn.sessionId,
    runId: turn.runId,
    messageId: turn.answerId,
    text: draft.text,
    citations: draft.citations,
    model: draft.model,
    finishReason: draft.finishReason,
    usage: totalUsage(usages, (usage) => prices.amountsOf(draft.model, usage, at).microUsd),
  };
}

/** As the model's service counted it. It never counts an answer that broke off, which is counted by its length. */
function usageOf(turn: PreparedTurn, { usage, text }: Draft): ModelUsage {
  if (usage) return usage;
  return {
    inputTokens: estimateTokens(turn.prompt.map(({ content }) => content).join('')),
    cachedInputTokens: 0,
    outputTokens: estimateTokens(text),
    isEstimated: true,
  };
}

function totalUsage(usages: readonly ModelUsage[], costOf: (usage: ModelUsage) => number): TokenUsage {
  const sum = (amountOf: (usage: ModelUsage) => number) => usages.reduce((total, usage) => total + amountOf(usage), 0);
  return {
    inputTokens: sum((usage) => usage.inputTokens),
    cachedInputTokens: sum((usage) => usage.cachedInputTokens),
    outputTokens: sum((usage) => usage.outputTokens),
    costMicroUsd: sum(costOf),
  };
}

async function save(
  { messages, sessions, now }: TurnOptions,
  turn: PreparedTurn,
  answer: ChatAnswer,
  title: SuggestedTitle | null,
): Promise<void> {
  const { tenantId } = turn.principal;
  const at = now().toISOString();
  const { messageId: id, sessionId, runId, text, citations, model, finishReason, usage } = answer;
  const message = { id, sessionId, runId, text, citations, model, finishReason, usage };
  const change = { updatedAt: at, addMessages: text === '' ? 1 : 2, ...(title?.title && { title: title.title }) };
  // In this order, so that whoever deletes the session either finds the answer or is found here.
  if (text !== '') await messages.save(tenantId, { ...message, role: 'assistant', createdAt: at, feedback: null });
  const session = await sessions.update(turn.principal, sessionId, change);
  // The session was deleted while it was being answered; nothing of it may stay behind.
  if (!session) await messages.removeAll(tenantId, sessionId);
}

const UI_FINISH_REASON: Readonly<Record<ChatAnswer['finishReason'], UiFinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'awaiting-approval': 'other',
  stopped: 'other',
  error: 'error',
};

function ending(draft: Draft, metadata: TurnMetadata, { model, usage }: ChatAnswer): UiMessageChunk {
  if (draft.failure) return { type: 'error', errorText: draft.failure.message };
  if (draft.finishReason === 'stopped') return { type: 'abort', reason: 'stopped' };
  return {
    type: 'finish',
    finishReason: UI_FINISH_REASON[draft.finishReason],
    messageMetadata: { ...metadata, model, usage },
  };
}
