import type { ChatTurn } from '../contracts/chat.ts';
import type { ChatCatalogModel } from '../contracts/models.ts';
import type { Principal } from '../identity/principal.ts';
import { estimateTokens } from '../limits/estimate-tokens.ts';
import type { Estimate } from '../limits/token-rate-limiter.ts';
import type { PriceBook } from '../models/price-book.ts';
import { wantsSearch } from './wants-search.ts';

export const PASSAGES_PER_ANSWER = 8;
/** What they usually bring: 400 tokens each. */
export const PASSAGE_TOKENS = PASSAGES_PER_ANSWER * 400;
const USUAL_HISTORY_TOKENS = 1_000;

/** About how many tokens the prompt of a turn will have, told before anything has been read. */
export function estimateInput(principal: Principal, turn: ChatTurn): number {
  const isSearchWanted = wantsSearch(principal, turn);
  const isContinued = turn.sessionId !== undefined || turn.clientChatId !== undefined;
  return (
    estimateTokens(turn.message) + (isSearchWanted ? PASSAGE_TOKENS : 0) + (isContinued ? USUAL_HISTORY_TOKENS : 0)
  );
}

/**
 * What a turn will take at most: its question, what searching and going on with a conversation usually add, and the longest
 * answer. What it really took is settled afterwards; further steps with tools set their own aside.
 */
export function estimateTurn(
  { prices, now }: { readonly prices: PriceBook; readonly now: () => Date },
  model: ChatCatalogModel,
  inputTokens: number,
  turn: ChatTurn,
): Estimate {
  const usage = { inputTokens, cachedInputTokens: 0, outputTokens: model.maxOutputTokens };
  const only = turn.knowledgeBaseIds?.length === 1 ? turn.knowledgeBaseIds : [];
  return { ...prices.amountsOf(model.name, usage, now().toISOString()), knowledgeBaseIds: only };
}
