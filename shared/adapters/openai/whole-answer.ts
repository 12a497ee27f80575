import { type CompletionUsage, usageOf } from '../../contracts/openai.ts';
import type { ModelFinishReason, ModelUsage } from '../../models/model-usage.ts';
import { toFinishReason } from './frame-scanner.ts';

const USAGE = Buffer.from('"usage"');
const CLOSING_BRACE = '}';

/** What an answer that comes in one piece says of itself. */
export interface WholeAnswerFacts {
  readonly usage: ModelUsage | null;
  readonly finishReason: ModelFinishReason;
}

/** Reads a chat answer; null when it is no JSON object. */
export function readChatAnswer(body: Buffer): WholeAnswerFacts | null {
  const answer = parsed<{
    usage?: CompletionUsage | null;
    choices?: readonly { finish_reason?: string | null }[] | null;
  }>(body.toString());
  if (!answer) return null;
  const reason = answer.choices?.[0]?.finish_reason;
  return { usage: answer.usage ? usageOf(answer.usage) : null, finishReason: toFinishReason(reason ?? 'stop') };
}

/** Reads no more of an answer with embeddings than its usage, as the vectors are most of it; null when it is no JSON. */
export function readEmbeddingsAnswer(body: Buffer): WholeAnswerFacts | null {
  const at = body.lastIndexOf(USAGE);
  const start = body.indexOf('{', at);
  const usage = at === -1 || start === -1 ? null : parsed<CompletionUsage>(firstObject(body.toString('utf8', start)));
  if (usage) return { usage: usageOf(usage), finishReason: 'stop' };
  return parsed<object>(body.toString()) ? { usage: null, finishReason: 'stop' } : null;
}

/** A usage holds numbers, and objects of numbers. */
function firstObject(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === CLOSING_BRACE) depth -= 1;
    if (depth === 0) return text.slice(0, at + 1);
  }
  return text;
}

function parsed<T>(text: string): T | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as T | null) : null;
  } catch {
    return null;
  }
}
