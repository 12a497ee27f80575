import { finishedAnswer, totalUsage } from '../chat/finished-answer.ts';
import { modelStep } from '../chat/model-step.ts';
import { replayAnswer } from '../chat/replay-answer.ts';
import { supportStep } from '../chat/support-step.ts';
import type { AnswerSupport, CacheStatus } from '../contracts/citations.ts';
import type { ModelRoute } from '../contracts/models.ts';
import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import type { AppError } from '../errors.ts';
import type { CheckSupport } from '../grounding/answer-support.ts';
import type { Principal } from '../identity/principal.ts';
import type { AnswerEvent, PlatformFacts } from './answer-event.ts';
import { asAppError } from './forward-stream.ts';
import {
  type KnowledgeQuestion,
  type KnowledgeTurn,
  type KnowledgeTurnOptions,
  prepareKnowledgeTurn,
} from './knowledge-turn.ts';
import type { ModelCall } from './model-call.ts';
import { toUrlCitation } from './url-citation.ts';

export interface KnowledgeAnswerOptions extends KnowledgeTurnOptions {
  readonly checkSupport: CheckSupport;
}

/** An answer whose first word is there. */
export interface BegunAnswer {
  /** null: it was given before, so that no model was asked. */
  readonly route: ModelRoute | null;
  /** null: a model was asked, whose answers are not kept. */
  readonly cache: CacheStatus | null;
  readonly call: ModelCall;
  /** @throws AppError when the model fails after its first word. */
  readonly events: AsyncIterable<AnswerEvent>;
}

/** Why an answer ended; null: it broke off. */
type Ending = 'stop' | 'length' | 'content-filter' | null;

/**
 * Answers from a knowledge base as the platform's chat does, with the caller's own access and history. `baseUrl` is where
 * the paths of sources begin.
 * @throws AppError `not_found` for one that the caller may not see, `forbidden` without `knowledge:read`; else as a chat turn.
 */
export async function answerFromKnowledge(
  options: KnowledgeAnswerOptions,
  principal: Principal,
  question: KnowledgeQuestion,
  baseUrl: string,
): Promise<BegunAnswer> {
  const turn = await prepareKnowledgeTurn(options, principal, question);
  const events = answerEvents(options, turn, baseUrl);
  // Waits for the first word, so that a failure before it is still a plain error.
  const first = await events.next();
  const { call, cache, state } = turn;
  return { route: state.route, cache: cache.status, call, events: startingWith(first, events) };
}

async function* startingWith(
  first: IteratorResult<AnswerEvent>,
  rest: AsyncGenerator<AnswerEvent>,
): AsyncGenerator<AnswerEvent> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    // Its reader may go away before it was asked for more.
    await rest.return(undefined);
  }
}

/** Tells on what chat says, in the words of this API; closes the call before it tells the end, or the failure. */
async function* answerEvents(
  options: KnowledgeAnswerOptions,
  turn: KnowledgeTurn,
  baseUrl: string,
): AsyncGenerator<AnswerEvent> {
  const { state, cache, call } = turn;
  const notices: PlatformFacts['notices'][number][] = turn.notices.map(({ data }) => data);
  const chunks = answerChunks(options, turn);
  let support: AnswerSupport | null = null;
  let ending: Ending = null;
  let failure: AppError | null = null;
  const usage = () => totalUsage(state.usages, options.prices, options.now().toISOString());
  try {
    let next = await chunks.next();
    for (; !next.done; next = await chunks.next()) {
      const chunk = next.value;
      if (chunk.type === 'data-notice') notices.push(chunk.data);
      if (chunk.type === 'data-support') support = chunk.data;
      yield* toldBy(chunk, state.text, baseUrl);
    }
    ending = next.value;
  } catch (error) {
    failure = asAppError(error);
  } finally {
    // Also for a reader who goes away in the middle, for whom the end is never said.
    await endOf(chunks);
    if (ending) call.during(cache.keep(finishedAnswer(options, state, { finishReason: ending, support, title: null })));
    await call.close(state.route, { usage: usage(), finishReason: ending, failure, cache: cache.status });
  }
  if (failure) throw failure;
  const reason = ending === 'content-filter' ? 'content_filter' : (ending ?? 'stop');
  yield { type: 'finish', reason, usage: usage(), platform: { cache: cache.status, support, notices } };
}

/** Ends what is told, which may have more to tell even then. */
async function endOf(chunks: AsyncGenerator<UiMessageChunk, Ending>): Promise<void> {
  let last = await chunks.return(null);
  while (!last.done) last = await chunks.next();
}

/** The answer as chat tells it: one from the cache, or one step of a model and the check of what that said. */
async function* answerChunks(
  { chatModel, gateway, checkSupport }: KnowledgeAnswerOptions,
  turn: KnowledgeTurn,
): AsyncGenerator<UiMessageChunk, Ending> {
  const { found } = turn.cache;
  if (found) {
    yield* replayAnswer(turn, found);
    return 'stop';
  }
  // Nobody can stop it: a client that left is not seen, and what it asked for is paid for.
  const { signal } = new AbortController();
  const { reason } = yield* modelStep({ model: chatModel, gateway }, turn, [], signal);
  if (reason === 'stop') yield* supportStep(checkSupport, turn, signal);
  return reason === 'tool-calls' ? 'length' : reason;
}

function* toldBy(chunk: UiMessageChunk, said: string, baseUrl: string): Generator<AnswerEvent> {
  if (chunk.type === 'text-delta') yield { type: 'text', text: chunk.delta };
  if (chunk.type === 'source-document') {
    yield { type: 'citation', citation: toUrlCitation(chunk.providerMetadata.platform.citation, said, baseUrl) };
  }
}
