import { recordRetrieval } from '../audit/record-retrieval.ts';
import { type FittedPrompt, fitPrompt } from '../chat/fit-prompt.ts';
import type { KnowledgeBase } from '../contracts/knowledge-bases.ts';
import type { Principal } from '../identity/principal.ts';
import type { Retrieval } from '../knowledge/retrieval.ts';
import type { TokenCounter } from '../models/tokenizer.ts';
import type { Conversation } from './conversation.ts';
import type { ModelCall, ModelCallOptions } from './model-call.ts';

export interface KnowledgePromptOptions extends ModelCallOptions {
  readonly retrieval: Retrieval;
  readonly loadTokenizer: () => Promise<TokenCounter>;
}

const PASSAGES_PER_ANSWER = 8;

/** Searches a knowledge base as its caller, puts that on record, and builds the prompt that the platform's chat builds. */
export async function knowledgePrompt(
  options: KnowledgePromptOptions,
  principal: Principal,
  call: ModelCall,
  asked: { readonly knowledgeBase: KnowledgeBase; readonly budgetTokens: number; readonly conversation: Conversation },
): Promise<FittedPrompt> {
  const { retrieval, loadTokenizer, audit } = options;
  const { knowledgeBase, budgetTokens, conversation } = asked;
  const { instructions } = principal.tenantChain[0].policy;
  const embedded = await retrieval.embed(principal, conversation.question);
  call.usage.add('embedding', embedded.model, embedded.usage);
  const passages = await retrieval.search(principal, [knowledgeBase], embedded, PASSAGES_PER_ANSWER);
  const prompt = await fitPrompt({ passages, ...conversation, options: { instructions } }, budgetTokens, loadTokenizer);
  const decision = { subject: null, knowledgeBaseIds: [knowledgeBase.id], passages: prompt.passages };
  call.during(recordRetrieval(audit, principal, decision));
  return prompt;
}
