import { embedQuestion } from '../chat/embed-question.ts';
import { judgeQuestion } from '../chat/judge-question.ts';
import type { TurnUsage } from '../chat/turn-usage.ts';
import { wholeQuestion } from '../chat/whole-question.ts';
import type { Principal } from '../identity/principal.ts';
import type { EmbeddedQuestion } from '../knowledge/embed-question.ts';
import type { KnowledgeBases } from '../knowledge/knowledge-bases.ts';
import type { SearchableKnowledgeBase } from '../knowledge/knowledge-content.ts';
import type { Retrieval } from '../knowledge/retrieval.ts';
import type { Amounts, TokenRateLimiter } from '../limits/token-rate-limiter.ts';
import type { ChatModel } from '../models/chat-model.ts';
import type { Difficulty } from '../models/difficulty.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import type { Conversation } from './conversation.ts';
import { knowledgeBaseOf } from './knowledge-models.ts';
import { type ModelCallOptions, newCallUsage } from './model-call.ts';

export interface GatherKnowledgeOptions extends ModelCallOptions {
  readonly gateway: ModelGateway;
  readonly chatModel: ChatModel;
  readonly knowledgeBases: KnowledgeBases;
  readonly retrieval: Retrieval;
}

/** What there is for an answer before anything is searched. */
export interface GatheredKnowledge {
  readonly knowledgeBase: SearchableKnowledgeBase;
  readonly embedded: EmbeddedQuestion;
  readonly difficulty: Difficulty;
  readonly usage: TurnUsage;
}

/**
 * Reads which knowledge base is meant while the limits are asked, in one round trip; the question is made whole,
 * embedded and judged once they admit it. What that took counts, whatever else fails.
 * @throws AppError `not_found` for a knowledge base that the caller may not see; those of the limits.
 */
export async function gatherKnowledge(
  options: GatherKnowledgeOptions,
  principal: Principal,
  asked: { readonly model: string; readonly conversation: Conversation; readonly most: Amounts },
): Promise<GatheredKnowledge> {
  const finding = findKnowledgeBase(options, principal, asked.model);
  const usage = newCallUsage(options, principal, setAside(options.limiter, principal, asked.most, finding));
  const { question, history } = asked.conversation;
  const searched = finding.then((knowledgeBase) => [knowledgeBase]);
  // It is waited for as `finding`, also when nothing comes to be embedded.
  searched.catch(() => undefined);
  const small = { ...options, model: options.chatModel };
  const inConversation = { question, history: Promise.resolve(history) };
  const embedding = wholeQuestion(small, principal, inConversation, usage).then((whole) =>
    embedQuestion(options.retrieval, principal, whole, searched, usage),
  );
  const judging = judgeQuestion(small, principal, { model: undefined, message: question }, usage);
  try {
    const [knowledgeBase, embedded, difficulty] = await Promise.all([finding, embedding, judging, usage.reserved]);
    usage.searched([knowledgeBase.id]);
    return { knowledgeBase, embedded, difficulty, usage };
  } catch (error) {
    await Promise.allSettled([embedding, judging]);
    await usage.send();
    throw error;
  }
}

async function findKnowledgeBase(
  { knowledgeBases }: GatherKnowledgeOptions,
  principal: Principal,
  model: string,
): Promise<SearchableKnowledgeBase> {
  return knowledgeBaseOf(model, await knowledgeBases.searchable(principal));
}

/** Where knowledge bases have budgets, the limits can be asked only once it is known which one it is: a round trip more. */
async function setAside(
  limiter: TokenRateLimiter,
  principal: Principal,
  most: Amounts,
  finding: Promise<SearchableKnowledgeBase>,
) {
  const haveBudgets = principal.tenantChain[0].policy.knowledgeBaseBudgets !== undefined;
  const knowledgeBaseIds = haveBudgets ? [(await finding).id] : [];
  return limiter.reserve(principal, { ...most, knowledgeBaseIds });
}
