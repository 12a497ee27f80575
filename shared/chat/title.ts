import type { ChatModel } from '../models/chat-model.ts';
import type { ModelChoice, ModelUser } from '../models/model-gateway.ts';
import type { ModelUsage } from '../models/model-usage.ts';
import { titleMessages } from '../prompts/title-prompt.ts';

const TIMEOUT_MILLISECONDS = 5_000;
const MAX_OUTPUT_TOKENS = 24;
const MAX_CHARACTERS = 80;

export interface SuggestedTitle {
  /** null when the model had nothing to say. */
  readonly title: string | null;
  readonly usage: ModelUsage;
}

/** Asks the model for a title of a conversation; null when it has not ended in five seconds or is stopped. Never throws. */
export async function suggestTitle(
  model: ChatModel,
  { principal, choice }: { readonly principal: ModelUser; readonly choice: ModelChoice },
  question: string,
  signal: AbortSignal,
): Promise<SuggestedTitle | null> {
  let title = '';
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]);
    const request = { messages: titleMessages(question), maxOutputTokens: MAX_OUTPUT_TOKENS };
    for await (const event of model.stream(principal, choice, request, limited)) {
      if (event.type === 'text') title += event.text;
      if (event.type === 'finish') return finished(title, event.usage);
    }
  } catch {
    // A title is a nicety: the session keeps the beginning of the question.
  }
  return null;
}

function finished(text: string, usage: ModelUsage): SuggestedTitle {
  const title = text
    .replaceAll(/\s+/g, ' ')
    .replace(/^["'\s]+|["'.\s]+$/g, '')
    .slice(0, MAX_CHARACTERS);
  return { title: title === '' ? null : title, usage };
}
