import { recordRetrieval } from '../audit/record-retrieval.ts';
import type { SemanticCache } from '../cache/semantic-cache.ts';
import { newAgentState } from '../chat/agent-state.ts';
import { chooseTurnModel } from '../chat/choose-turn-model.ts';
import { PASSAGE_TOKENS, PASSAGES_PER_ANSWER } from '../chat/estimate-turn.ts';
import type { Notice } from '../chat/make-room.ts';
import type { SteppingRun } from '../chat/model-step.ts';
import type { PreparedTurn } from '../chat/prepared-turn.ts';
import { lookUpAnswer } from '../chat/turn-cache.ts';
import { cacheFacts, chooseAndFit, type WantedAnswer } from '../chat/wanted-answer.ts';
import { mayNotSearch } from '../chat/wants-search.ts';
import { searchedFor } from '../chat/whole-question.ts';
import type { SearchFilters } from '../contracts/search-filters.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import type { Conversation } from './conversation.ts';
import { asAppError } from './forward-stream.ts';
import { type GatheredKnowledge, type GatherKnowledgeOptions, gatherKnowledge } from './gather-knowledge.ts';
import { admittedCall, type CallFacts, type ModelCall } from './model-call.ts';

export interface KnowledgeTurnOptions extends GatherKnowledgeOptions {
  readonly semanticCache: SemanticCache;
  readonly loadTokenizer: () => Promise<TokenCounter>;
}

export interface KnowledgeQuestion {
  /** `kb/{name or id}` */
  readonly model: string;
  readonly conversation: Conversation;
  readonly maxOutputTokens: number | null | undefined;
  readonly operation: CallFacts['operation'];
  readonly stream: boolean;
  /** Whether the caller takes a cached answer. */
  readonly useCache: boolean;
  readonly filters: SearchFilters | undefined;
}

/** A question to a knowledge base that is ready to be answered, by the steps of the platform's chat. */
export interface KnowledgeTurn extends SteppingRun, Pick<PreparedTurn, 'searched' | 'cache' | 'notices'> {
  readonly call: ModelCall;
}

/** What names the parts of an answer; no client sees it. */
const ANSWER_ID = 'answer';

/**
 * Prepares an answer in two sequential round trips to the stores: one reads while the limits are asked, one searches. That is
 * on record. `gatherKnowledge` tells when there is a third.
 * @throws AppError `forbidden` without `knowledge:read`; of the choice, the limits, the stores or the embedding.
 */
export async function prepareKnowledgeTurn(
  options: KnowledgeTurnOptions,
  principal: Principal,
  asked: KnowledgeQuestion,
): Promise<KnowledgeTurn> {
  if (!principal.permissions.has('knowledge:read')) throw mayNotSearch();
  const { operation, stream, model, conversation } = asked;
  const inputTokens = PASSAGE_TOKENS + tokensOf(conversation);
  const most = mostOf(options, principal, inputTokens, asked.maxOutputTokens);
  const gathered = await gatherKnowledge(options, principal, { model, conversation, most });
  const { knowledgeBase, usage } = gathered;
  const call = await admittedCall(options, principal, { operation, subject: knowledgeBase.id, stream }, usage);
  try {
    return { ...(await search(options, principal, asked, gathered, inputTokens, call)), call };
  } catch (error) {
    await call.fail(asAppError(error));
    throw error;
  }
}

/** What an answer may take, by the model that is likely before the search. */
function mostOf(
  { gateway, prices, now }: KnowledgeTurnOptions,
  principal: Principal,
  inputTokens: number,
  longest: number | null | undefined,
) {
  const { model } = chooseTurnModel(gateway, principal, { asked: undefined, inputTokens, hasTools: false });
  const outputTokens = Math.min(longest ?? model.maxOutputTokens, model.maxOutputTokens);
  return prices.amountsOf(model.name, { inputTokens, cachedInputTokens: 0, outputTokens }, now().toISOString());
}

/** The second round trip, and the prompt that it makes. */
async function search(
  options: KnowledgeTurnOptions,
  principal: Principal,
  { conversation, useCache, filters, ...asked }: KnowledgeQuestion,
  { knowledgeBase, embedded, difficulty, usage }: GatheredKnowledge,
  inputTokens: number,
  call: ModelCall,
): Promise<Omit<KnowledgeTurn, 'call'>> {
  const { semanticCache, retrieval, gateway, audit } = options;
  const knowledgeBases = [knowledgeBase];
  const chosen = { model: undefined, remembered: undefined, offered: [], difficulty, useCache, filters };
  const wanted: WantedAnswer = { ...conversation, ...chosen, knowledgeBases };
  const maxOutputTokens = asked.maxOutputTokens ?? undefined;
  const facts = { ...cacheFacts(gateway, principal, wanted, inputTokens), maxOutputTokens };
  const passagesWanted = { limit: PASSAGES_PER_ANSWER, filters };
  const searching = retrieval.search(principal, knowledgeBases, embedded, passagesWanted, usage.add);
  const lookingUp = lookUpAnswer(semanticCache, principal, facts, embedded, searching);
  const [found, cache] = await Promise.all([searching, lookingUp]);
  const { choice, messages, passages, notices } = await chooseAndFit(options, principal, wanted, found);
  const searched = { knowledgeBaseIds: [knowledgeBase.id], passages: cache.found?.citations ?? passages };
  call.during(recordRetrieval(audit, principal, { subject: null, ...searched }));
  const { question } = conversation;
  const state = newAgentState({
    question,
    searchedFor: searchedFor(question, embedded),
    choice,
    messages: [...messages],
    passages: [...passages],
  });
  const place = { answerId: ANSWER_ID, affinity: knowledgeBase.id };
  const told: readonly Notice[] = cache.found ? [] : notices;
  return { principal, ...place, state, usage, maxOutputTokens, searched, cache, notices: told };
}

function tokensOf({ question, history }: Conversation): number {
  return history.reduce((sum, { text }) => sum + estimateTokens(text), estimateTokens(question));
}
