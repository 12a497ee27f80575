import type { ToolDecision } from '../contracts/runs.ts';
import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { ToolSpecification } from '../models/chat-model.ts';
import { specificationOf } from '../tools/tool-input.ts';
import { offeredTools } from '../tools/tool-permissions.ts';
import type { AgentEnding, AgentRun } from './agent-run.ts';
import { makeRoom, promptBudget } from './make-room.ts';
import { type ModelStepOptions, modelStep } from './model-step.ts';
import { numberCall, repeatedCall } from './number-call.ts';
import { estimateConversation } from './shorten-conversation.ts';
import { decidedStep, type ToolStepOptions, toolStep } from './tool-step.ts';

/** The last step gets no tools, so that it has to answer. */
const MAX_STEPS = 8;

export interface AgentRuntimeOptions extends ModelStepOptions, ToolStepOptions {}

/**
 * Lets a model answer in steps: it may call tools, reads their results and goes on, until it has answered, somebody has to
 * approve a call, or its steps are used up. What it did and said is in the state of the run at every moment.
 */
export class AgentRuntime {
  readonly #options: AgentRuntimeOptions;

  constructor(options: AgentRuntimeOptions) {
    this.#options = options;
  }

  /** @throws AppError of the model or of the limits; the signal's reason when that aborts. */
  async *run(run: AgentRun, signal: AbortSignal): AsyncGenerator<UiMessageChunk, AgentEnding> {
    for (;;) {
      yield { type: 'start-step' };
      const ending = yield* this.#step(run, signal);
      if (ending !== 'awaiting-approval') yield { type: 'finish-step' };
      if (ending !== 'tool-calls') return ending;
    }
  }

  /** Goes on with a run that waited, as was decided on its pending calls. @throws as `run`. */
  async *resume(
    run: AgentRun,
    decisions: ReadonlyMap<string, ToolDecision>,
    signal: AbortSignal,
  ): AsyncGenerator<UiMessageChunk, AgentEnding> {
    yield* decidedStep(this.#options, run, decisions, signal);
    signal.throwIfAborted();
    return yield* this.run(run, signal);
  }

  async *#step(run: AgentRun, signal: AbortSignal): AsyncGenerator<UiMessageChunk, AgentEnding | 'tool-calls'> {
    const { state } = run;
    state.steps += 1;
    const tools = state.steps < MAX_STEPS ? toolsFor(run) : [];
    if (state.steps > 1) yield* this.#prepareNextStep(run, tools);
    const { text, calls, reason } = yield* modelStep(this.#options, { ...run, affinity: run.sessionId }, tools, signal);
    if (calls.length === 0 || state.steps >= MAX_STEPS) return reason === 'tool-calls' ? 'length' : reason;
    const numbered = calls.map((call, index) => numberCall(call, state.calls + 1 + index));
    state.calls += calls.length;
    state.messages.push({ role: 'assistant', content: text, toolCalls: numbered.map(repeatedCall) });
    yield* toolStep(this.#options, run, numbered, signal);
    signal.throwIfAborted();
    return state.pending.length > 0 ? 'awaiting-approval' : 'tool-calls';
  }

  /** Results may be long, and every step counts against the limits. */
  async *#prepareNextStep(run: AgentRun, tools: readonly ToolSpecification[]): AsyncGenerator<UiMessageChunk> {
    const { principal, state } = run;
    const room = promptBudget(state.choice.model) - tokensOf(tools);
    if (estimateConversation(state.messages) > room) {
      const notice = makeRoom(this.#options.gateway, principal, state, room);
      if (notice) yield notice;
    }
    const { name, maxOutputTokens } = state.choice.model;
    await run.usage.extend(name, estimateConversation(state.messages) + tokensOf(tools), maxOutputTokens);
  }
}

function toolsFor({ principal, tools, state }: AgentRun): ToolSpecification[] {
  if (!state.choice.model.abilities.includes('tools')) return [];
  return offeredTools(principal.tenantChain[0].policy, tools, state.wantedTools).map(specificationOf);
}

const tokensOf = (tools: readonly ToolSpecification[]) => estimateTokens(JSON.stringify(tools));
