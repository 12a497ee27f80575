import pLimit from 'p-limit';
import type { AuditLog } from '../audit/audit-log.ts';
import type { ToolDecision } from '../contracts/runs.ts';
import type { UiMessageChunk } from '../contracts/ui-message-stream.ts';
import { type Passage, toCitation } from '../knowledge/passage.ts';
import { passagesToRead, readableText } from '../knowledge/passages-to-read.ts';
import { snippetsFor } from '../knowledge/snippet.ts';
import { toolResult } from '../prompts/tool-result.ts';
import type { Logger } from '../telemetry/logger.ts';
import { judgeCall, type Verdict } from '../tools/judge-call.ts';
import { recordCall, type ToolCallRecord } from '../tools/record-call.ts';
import { runTool, type ToolOutcome } from '../tools/run-tool.ts';
import type { ToolResult } from '../tools/tool.ts';
import { traceToolCall } from '../tools/trace-tool-call.ts';
import type { AgentRun } from './agent-run.ts';
import type { AgentState, NumberedCall } from './agent-state.ts';
import { numberPassage } from './cite-passages.ts';

const MAX_CALLS_PER_RUN = 32;
const CALLS_AT_ONCE = 4;
const MAX_PASSAGES_PER_RESULT = 20;
/** Room for the passages themselves; what surrounds them is given as far as it fits besides. */
const MAX_PASSAGE_CHARACTERS = 128_000;

export interface ToolStepOptions {
  readonly audit: AuditLog;
  readonly logger: Pick<Logger, 'warn'>;
}

/** What becomes of a call that is not run. */
interface Refusal {
  readonly status: 'refused';
  readonly reason: string;
  readonly outcome: 'denied' | 'failed';
  /** By whoever asked, and not by the policy. */
  readonly isDecided?: boolean;
}
type Settled = ToolOutcome | Refusal;
type Work = readonly [NumberedCall, Promise<Settled>];

/** Names a call to the reader, and the question whether it may run. */
export function callIdOf(runId: string, { number }: Pick<NumberedCall, 'number'>): string {
  return `${runId}:${number}`;
}

/** Runs the calls of a step as far as they may run; those that somebody must approve first are left pending. */
export async function* toolStep(
  options: ToolStepOptions,
  run: AgentRun,
  calls: readonly NumberedCall[],
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk> {
  const { state, tools, principal } = run;
  const { policy } = principal.tenantChain[0];
  const limit = pLimit(CALLS_AT_ONCE);
  const working: Work[] = [];
  const pending: NumberedCall[] = [];
  for (const call of calls) {
    const verdict = call.number > MAX_CALLS_PER_RUN ? TOO_MANY : judgeCall(call, tools, policy);
    yield inputChunk(run, call, verdict);
    if (verdict.kind === 'ask') pending.push(call);
    else working.push([call, limit(() => carryOut(options, run, verdict, signal))]);
  }
  state.pending = pending;
  yield* settle(run, working);
}

/** Carries out the pending calls as somebody has decided, and as the policy is now. */
export async function* decidedStep(
  options: ToolStepOptions,
  run: AgentRun,
  decisions: ReadonlyMap<string, ToolDecision>,
  signal: AbortSignal,
): AsyncGenerator<UiMessageChunk> {
  const { state, tools, principal } = run;
  const { policy } = principal.tenantChain[0];
  const limit = pLimit(CALLS_AT_ONCE);
  const working: Work[] = [];
  for (const call of state.pending) {
    const approvalId = callIdOf(run.runId, call);
    const { approved = false, reason } = decisions.get(approvalId) ?? {};
    yield { type: 'tool-approval-response', approvalId, approved, ...(reason !== undefined && { reason }) };
    const verdict = judgeCall(call, tools, policy);
    working.push([
      call,
      approved
        ? limit(() => carryOut(options, run, verdict, signal, true))
        : refuse(options, run, verdict, { ...deniedBecause(reason), isDecided: true }),
    ]);
  }
  state.pending = [];
  yield* settle(run, working);
}

const TOO_MANY: Verdict = { kind: 'invalid', tool: null, input: {}, reason: 'This answer has called too many tools.' };

function deniedBecause(reason: string | undefined): Refusal {
  const because = reason ? ` The reason given: ${reason}` : '';
  return { status: 'refused', outcome: 'denied', reason: `Whoever asked did not allow this call.${because}` };
}

/** Never fails. An approval lets a call run that the policy asks for, and nothing that it denies. */
async function carryOut(
  options: ToolStepOptions,
  run: AgentRun,
  verdict: Verdict,
  signal: AbortSignal,
  isDecided = false,
): Promise<Settled> {
  if ('reason' in verdict) {
    const outcome = verdict.kind === 'denied' ? 'denied' : 'failed';
    return refuse(options, run, verdict, { status: 'refused', outcome, reason: verdict.reason });
  }
  const { principal, runId, state } = run;
  const context = { principal, runId, signal, knowledgeBaseIds: state.knowledgeBaseIds, filters: state.filters };
  const { tool, input } = verdict;
  const outcome = await traceToolCall(tool.name, () => runTool(tool, input, context));
  if (outcome.status === 'failed' && outcome.cause !== undefined) {
    options.logger.warn('a tool failed', { tool: verdict.tool.name, error: outcome.cause });
  }
  await record(options, run, {
    tool: verdict.tool,
    outcome: outcome.status === 'done' ? 'allowed' : 'failed',
    isDecided,
  });
  return outcome;
}

async function refuse(options: ToolStepOptions, run: AgentRun, { tool }: Verdict, refusal: Refusal): Promise<Settled> {
  await record(options, run, { tool, outcome: refusal.outcome, isDecided: refusal.isDecided ?? false });
  return refusal;
}

function record(
  { audit }: ToolStepOptions,
  { principal, runId }: AgentRun,
  call: Omit<ToolCallRecord, 'runId'>,
): Promise<void> {
  return recordCall(audit, principal, { runId, ...call });
}

async function* settle(run: AgentRun, working: readonly Work[]): AsyncGenerator<UiMessageChunk> {
  for (const [call, work] of working) {
    const settled = await work;
    if (settled.status === 'stopped') continue;
    const answer = settled.status === 'done' ? numbered(settled.result, run.state) : null;
    const text = settled.status === 'done' ? settled.result.text : settled.reason;
    const content = toolResult({ tool: call.name, text, passages: answer?.passages ?? [] });
    run.state.messages.push({ role: 'tool', toolCallId: call.id, content });
    yield outputChunk(callIdOf(run.runId, call), settled, answer?.output);
  }
}

const charactersOf = (passage: Passage) => readableText(passage).length;

/** Gives the passages of a result their numbers. */
function numbered({ text, passages = [] }: ToolResult, state: AgentState) {
  const { chosen } = passagesToRead(passages.slice(0, MAX_PASSAGES_PER_RESULT), MAX_PASSAGE_CHARACTERS, charactersOf);
  const found = chosen.map((passage) => ({ passage, number: numberPassage(state, passage) }));
  const snippetOf = snippetsFor(state.searchedFor ?? state.question);
  const citations = found.map(({ passage, number }) => toCitation(passage, number, snippetOf));
  return { passages: found, output: citations.length > 0 ? { text, citations } : { text } };
}

function inputChunk({ runId }: AgentRun, call: NumberedCall, verdict: Verdict): UiMessageChunk {
  const facts = {
    toolCallId: callIdOf(runId, call),
    toolName: call.name,
    input: verdict.input,
    dynamic: true,
  } as const;
  if (verdict.kind === 'invalid') return { type: 'tool-input-error', ...facts, errorText: verdict.reason };
  return { type: 'tool-input-available', ...facts };
}

function outputChunk(
  toolCallId: string,
  settled: Exclude<Settled, { status: 'stopped' }>,
  output: unknown,
): UiMessageChunk {
  if (settled.status === 'done') return { type: 'tool-output-available', toolCallId, output, dynamic: true };
  if (settled.status === 'refused' && settled.isDecided) return { type: 'tool-output-denied', toolCallId };
  return { type: 'tool-output-error', toolCallId, errorText: settled.reason, dynamic: true };
}
