import type { MessageId, RunId, SessionId } from '../contracts/identifiers.ts';
import type { Principal } from '../identity/principal.ts';
import type { ModelFinishReason } from '../models/model-usage.ts';
import type { ToolSet } from '../tools/tool-registry.ts';
import type { AgentState } from './agent-state.ts';
import type { TurnUsage } from './turn-usage.ts';

/** A run as the runtime needs it: for whom, with which tools, and how far it has come. */
export interface AgentRun {
  readonly principal: Principal;
  readonly sessionId: SessionId;
  readonly runId: RunId;
  readonly answerId: MessageId;
  /** All tools that there are; the policy decides on each call. */
  readonly tools: ToolSet;
  readonly state: AgentState;
  readonly usage: TurnUsage;
}

/** Why a run came to its end, or waits: `awaiting-approval` leaves calls pending in its state. */
export type AgentEnding = Exclude<ModelFinishReason, 'tool-calls'> | 'awaiting-approval';
