import { AUTO_MODEL } from '../contracts/models.ts';
import type { Message } from '../contracts/sessions.ts';
import type { Principal } from '../identity/principal.ts';
import type { ChatModel } from '../models/chat-model.ts';
import type { ModelGateway } from '../models/model-gateway.ts';
import { rewriteMessages } from '../prompts/rewrite-prompt.ts';
import { withSpan } from '../telemetry/span.ts';
import { mayDependOnConversation } from './depends-on-conversation.ts';
import type { TurnUsage } from './turn-usage.ts';

const TIMEOUT_MILLISECONDS = 2_000;
const MAX_OUTPUT_TOKENS = 120;
const MAX_CHARACTERS = 600;

export interface AskedInConversation {
  readonly question: string;
  /** What was said before by whom who asks may read it; waited for only when the question may depend on it. */
  readonly history: Promise<readonly Pick<Message, 'role' | 'text'>[]>;
}

/**
 * The question as it is searched for: where it may depend on what was said before, the small model makes a whole one of it,
 * once the limits admit the turn. The question as it is when the model has not said in two seconds, or fails.
 * @throws AppError of the limits
 */
export async function wholeQuestion(
  { model, gateway }: { readonly model: ChatModel; readonly gateway: ModelGateway },
  principal: Principal,
  { question, history }: AskedInConversation,
  usage: Pick<TurnUsage, 'reserved' | 'add'>,
): Promise<string> {
  if (!mayDependOnConversation(question)) return question;
  // Whoever reads the history tells its failure.
  const before = await history.catch(() => []);
  if (before.length === 0) return question;
  await usage.reserved;
  return withSpan('rewrite question', {}, async () => {
    try {
      const small = gateway.choose(principal, { model: AUTO_MODEL, inputTokens: 0, needs: [], difficulty: 'simple' });
      const request = { messages: rewriteMessages(before, question), maxOutputTokens: MAX_OUTPUT_TOKENS };
      let text = '';
      for await (const event of model.stream(principal, small, request, AbortSignal.timeout(TIMEOUT_MILLISECONDS))) {
        if (event.type === 'text') text += event.text;
        if (event.type !== 'finish') continue;
        usage.add('chat', small.model.name, event.usage);
        return event.reason === 'stop' ? asQuestion(text, question) : question;
      }
    } catch {
      // Searching for what was asked is better than not to answer.
    }
    return question;
  });
}

/** What was searched for in place of a question; undefined for the question itself. */
export function searchedFor(question: string, embedded: { readonly text: string } | null): string | undefined {
  return embedded && embedded.text !== question ? embedded.text : undefined;
}

function asQuestion(text: string, question: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replace(/^(?:user|question)\s*:\s*/i, '')
    .replaceAll(/^["'“«\s]+|["'”»\s]+$/g, '');
  return line === '' || line.length > MAX_CHARACTERS ? question : line;
}
