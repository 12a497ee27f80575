import type { FinishedAnswer } from '../cache/finished-answer.ts';
import type { TokenUsage } from '../contracts/citations.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { AgentState } from './agent-state.ts';

interface PriceOptions {
  readonly prices: PriceBook;
  readonly now: () => Date;
}

/** An answer as the cache may keep it; `title` is that of the conversation that it begins. */
export function finishedAnswer(
  { prices, now }: PriceOptions,
  { text, citations, choice, usages, passages, calls }: AgentState,
  { finishReason, support, title }: Pick<FinishedAnswer, 'finishReason' | 'support' | 'title'>,
): FinishedAnswer {
  const answering = usages.filter(({ kind }) => kind === 'chat');
  const usage = totalUsage(answering, prices, now().toISOString());
  const model = choice.model.name;
  return { text, citations, model, finishReason, usage, support, passages, usedTools: calls > 0, title };
}

/** What several calls of models took together, and cost. */
export function totalUsage(
  usages: readonly { readonly model: string; readonly usage: ModelUsage }[],
  prices: PriceBook,
  at: string,
): TokenUsage {
  const total = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
  for (const { model, usage } of usages) {
    total.inputTokens += usage.inputTokens;
    total.cachedInputTokens += usage.cachedInputTokens;
    total.outputTokens += usage.outputTokens;
    total.costMicroUsd += prices.amountsOf(model, usage, at).microUsd;
  }
  return total;
}
