import type { Principal } from '../identity/principal.ts';
import type { EmbeddedQuestion, WantedKnowledgeBases } from '../knowledge/embed-question.ts';
import type { Retrieval } from '../knowledge/retrieval.ts';
import type { TurnUsage } from './turn-usage.ts';

/** Embeds a question once the limits admit it: what they refuse costs nothing. @throws AppError of the limits or the model */
export async function embedQuestion(
  retrieval: Pick<Retrieval, 'embed'>,
  principal: Principal,
  question: string,
  knowledgeBases: WantedKnowledgeBases,
  usage: Pick<TurnUsage, 'reserved' | 'add'>,
): Promise<EmbeddedQuestion> {
  await usage.reserved;
  const embedded = await retrieval.embed(principal, question, knowledgeBases);
  for (const { model, usage: took } of embedded.taken) usage.add('embedding', model, took);
  return embedded;
}
