import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { isAppError } from '../errors.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ChatModel, ChatModelEvent, ModelToolCall, ToolSpecification } from '../models/chat-model.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { ModelFinishReason, ModelUsage } from '../models/model-usage.ts';
import type { AgentRun } from './agent-run.ts';
import type { AgentState } from './agent-state.ts';
import { createMarkerReader } from './citation-markers.ts';
import { citePassages } from './cite-passages.ts';
import { makeRoom } from './make-room.ts';
import { estimateConversation } from './shorten-conversation.ts';

const BETWEEN_STEPS = '\n\n';

export interface ModelStepOptions {
  readonly model: ChatModel;
  readonly gateway: Pick<ModelGateway, 'larger'>;
}

/** A run as far as one step of the model needs it. */
export interface SteppingRun extends Pick<AgentRun, 'principal' | 'answerId' | 'state' | 'usage'> {
  /** What shares the beginning of its prompts. */
  readonly affinity: string;
  /** The longest answer that the caller takes, in tokens. Left out: the model's. */
  readonly maxOutputTokens?: number | undefined;
}

/** What one step of the model has brought. */
export interface ModelStep {
  text: string;
  readonly calls: ModelToolCall[];
  reason: ModelFinishReason;
  usage: ModelUsage | null;
}

/**
 * Asks the model once, and once more with more room when its service finds the prompt too long.
 * @throws AppError as `ChatModel.stream`; what was said until then is in the state and metered.
 */
export async function* modelStep(
  { model, gateway }: ModelStepOptions,
  run: SteppingRun,
  tools: readonly ToolSpecification[],
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk, ModelStep> {
  try {
    return yield* askModel(model, run, tools, signal);
  } catch (error) {
    const { principal, state } = run;
    if (!isAppError(error, 'context_too_long') || state.isRoomMade) throw error;
    state.isRoomMade = true;
    // Our estimate was wrong, so it says nothing on how much is too much.
    const notice = makeRoom(gateway, principal, state, estimateConversation(state.messages) / 2);
    if (!notice) throw error;
    yield notice;
    return yield* askModel(model, run, tools, signal);
  }
}

async function* askModel(
  model: ChatModel,
  run: SteppingRun,
  tools: readonly ToolSpecification[],
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk, ModelStep> {
  const { principal, affinity, state } = run;
  const { choice, messages } = state;
  const step: ModelStep = { text: '', calls: [], reason: 'stop', usage: null };
  const request = {
    messages,
    maxOutputTokens: Math.min(run.maxOutputTokens ?? Number.POSITIVE_INFINITY, choice.model.maxOutputTokens),
    affinity,
    ...(tools.length > 0 && { tools }),
  };
  try {
    yield* readEvents(model.stream(principal, choice, request, signal), run, step);
  } finally {
    const isCounted = step.usage !== null || hasBegun(step) || signal.aborted;
    if (isCounted) meterStep(run, choice.model.name, step);
  }
  return step;
}

async function* readEvents(
  events: AsyncIterable<ChatModelEvent>,
  run: SteppingRun,
  step: ModelStep,
): AsyncGenerator<UiMessageChunk> {
  const { state } = run;
  const id = state.steps > 1 ? `${run.answerId}-${state.steps}` : run.answerId;
  const newMarkers = createMarkerReader();
  try {
    for await (const event of events) {
      if (event.type === 'text') {
        yield* sayText(id, event.text, state, step);
        yield* citePassages(newMarkers(event.text), state);
      } else if (event.type === 'route') {
        state.route = event.route;
        yield { type: 'data-route', data: event.route };
      } else if (event.type === 'tool-call') {
        step.calls.push({ id: event.id, name: event.name, arguments: event.arguments });
      } else {
        Object.assign(step, { reason: event.reason, usage: event.usage });
      }
    }
  } finally {
    if (step.text !== '') yield { type: 'text-end', id };
  }
}

function* sayText(id: string, text: string, state: AgentState, step: ModelStep): Generator<UiMessageChunk> {
  if (step.text === '') yield { type: 'text-start', id };
  if (step.text === '' && state.text !== '') state.text += BETWEEN_STEPS;
  step.text += text;
  state.text += text;
  yield { type: 'text-delta', id, delta: text };
}

const hasBegun = ({ text, calls }: ModelStep) => text !== '' || calls.length > 0;

/** As the model's service counted it. It never counts an answer that broke off, which is counted by its length. */
function meterStep({ state, usage: turnUsage }: SteppingRun, model: string, { usage, text, calls }: ModelStep): void {
  const counted = usage ?? {
    inputTokens: estimateConversation(state.messages),
    cachedInputTokens: 0,
    outputTokens: estimateTokens(text + calls.map((call) => call.name + call.arguments).join('')),
    isEstimated: true,
  };
  state.usages.push({ kind: 'chat', model, usage: counted });
  turnUsage.add('chat', model, counted);
}
