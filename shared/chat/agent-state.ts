import type { Citation } from '../contracts/citations.ts';
import type { KnowledgeBaseId } from '../contracts/identifiers.ts';
import type { ModelRoute } from '../contracts/models.ts';
import type { SearchFilters } from '../contracts/search-filters.ts';
import type { Passage } from '../knowledge/passage.ts';
import type { ChatModelMessage, ModelToolCall } from '../models/chat-model.ts';
import type { ModelChoice } from '../models/model-gateway.ts';
import type { ModelUsage } from '../models/model-usage.ts';

/** A call of the model, by its number within the run. */
export interface NumberedCall extends ModelToolCall {
  readonly number: number;
}

/**
 * How far a run has come. Plain data, so that a run can wait in the store and go on at any instance; the runtime is the
 * only one that changes it.
 */
export interface AgentState {
  readonly question: string;
  /** The question as it was searched for, where it could not be understood without the conversation. */
  readonly searchedFor?: string | undefined;
  choice: ModelChoice;
  /** What the model gets to read next. */
  messages: ChatModelMessage[];
  /** What may be cited, in the order of the numbers. */
  readonly passages: Passage[];
  readonly citations: Citation[];
  /** What was said, in all steps. */
  text: string;
  steps: number;
  calls: number;
  /** Calls that wait for somebody to approve them. */
  pending: readonly NumberedCall[];
  /** What each call of a model took, and what it was for. */
  readonly usages: { readonly kind: 'chat' | 'title'; readonly model: string; readonly usage: ModelUsage }[];
  route: ModelRoute | null;
  /** The model's service refused the prompt as too long, and room was made; it is done once. */
  isRoomMade: boolean;
  /** Which tools the caller wants. Left out: all. */
  readonly wantedTools?: readonly string[] | undefined;
  /** Which knowledge bases the conversation is held to. Left out: all that the principal may see. */
  readonly knowledgeBaseIds?: readonly KnowledgeBaseId[] | undefined;
  /** What its searches are narrowed to. */
  readonly filters?: SearchFilters | undefined;
}

/** The start of a run: the prompt, and nothing said yet. */
export function newAgentState(
  given: Pick<
    AgentState,
    'question' | 'searchedFor' | 'choice' | 'messages' | 'passages' | 'wantedTools' | 'knowledgeBaseIds' | 'filters'
  >,
): AgentState {
  const none = { citations: [], text: '', steps: 0, calls: 0, pending: [], usages: [], route: null };
  return { ...given, ...none, isRoomMade: false };
}
