import { type CompletionUsage, usageOf } from '../contracts/openai.ts';
import { AppError } from '../errors.ts';
import { NO_TOKENS } from '../models/model-usage.ts';
import type { AnswerEvent, FinishReason } from './answer-event.ts';
import { readFrames } from './read-frames.ts';

/** The fields of a chat completion, or of a chunk of one, that are told on. Services leave out any of them. */
interface Completion {
  readonly choices?: readonly Choice[] | null;
  readonly usage?: CompletionUsage | null;
}

interface Choice {
  readonly message?: Said | null;
  readonly delta?: Said | null;
  readonly finish_reason?: string | null;
}

interface Said {
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly ToolCallPiece[] | null;
}

interface ToolCallPiece {
  readonly index?: number;
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

const REASONS: readonly string[] = ['stop', 'length', 'content_filter', 'tool_calls'] satisfies FinishReason[];

/** The only choice of a whole completion. @throws AppError `upstream_failed` for what is none. */
export function* completionEvents(json: Uint8Array): Generator<AnswerEvent> {
  const completion = parsed(Buffer.from(json).toString());
  const [choice] = completion.choices ?? [];
  yield* saidIn(choice?.message);
  yield {
    type: 'finish',
    reason: reasonOf(choice?.finish_reason),
    usage: completion.usage ? usageOf(completion.usage) : NO_TOKENS,
  };
}

/** The only choice of a completion that is streamed. @throws AppError as `body`. */
export async function* streamedEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<AnswerEvent> {
  let reason: FinishReason = 'stop';
  let usage = NO_TOKENS;
  for await (const data of readFrames(body)) {
    if (data === '[DONE]') continue;
    const chunk = parsed(data);
    const [choice] = chunk.choices ?? [];
    yield* saidIn(choice?.delta);
    if (choice?.finish_reason) reason = reasonOf(choice.finish_reason);
    if (chunk.usage) usage = usageOf(chunk.usage);
  }
  yield { type: 'finish', reason, usage };
}

function* saidIn(said: Said | null | undefined): Generator<AnswerEvent> {
  if (!said) return;
  if (said.content) yield { type: 'text', text: said.content };
  if (said.refusal) yield { type: 'refusal', text: said.refusal };
  for (const [place, { index = place, id, function: called }] of (said.tool_calls ?? []).entries()) {
    yield { type: 'tool-call', index, id, name: called?.name, arguments: called?.arguments ?? '' };
  }
}

function parsed(json: string): Completion {
  try {
    return JSON.parse(json) as Completion;
  } catch (cause) {
    throw new AppError('upstream_failed', 'The service of the model answered with something else than JSON.', {
      cause,
    });
  }
}

function reasonOf(reason: string | null | undefined): FinishReason {
  return REASONS.includes(reason ?? '') ? (reason as FinishReason) : 'stop';
}
