import type { Principal } from '../identity/principal.ts';
import type { EmbeddedQuestion, Retrieval } from '../knowledge/retrieval.ts';
import type { TurnUsage } from './turn-usage.ts';

/** Embeds a question once the limits admit it: what they refuse costs nothing. @throws AppError of the limits or the model */
export async function embedQuestion(
  retrieval: Pick<Retrieval, 'embed'>,
  principal: Principal,
  question: string,
  usage: Pick<TurnUsage, 'reserved' | 'add'>,
): Promise<EmbeddedQuestion> {
  await usage.reserved;
  const embedded = await retrieval.embed(principal, question);
  usage.add('embedding', embedded.model, embedded.usage);
  return embedded;
}
