import { setTimeout as wait } from 'node:timers/promises';
import { type Completion, completionHead, type FinishReason, type Usage } from './completion.ts';
import { filteredCompletion, promptFilterResults, safeCompletion } from './content-filter.ts';
import { errorBody } from './errors.ts';
import { createFrameWriter, type FrameWriter } from './frame-writer.ts';
import type { logprobsOf } from './logprobs.ts';
import type { ModelCall } from './model-call.ts';
import { createPace } from './pacing.ts';
import { serverError } from './planned-errors.ts';
import { LONGEST_STALL_MS, waitForFirstToken } from './send-answer.ts';

const ARGUMENT_PIECE_CHARACTERS = 8;

interface Streamed {
  readonly completion: Completion;
  readonly choices: number;
  readonly usage: Usage;
  readonly includeUsage: boolean;
  readonly logprobs: (piece: string) => ReturnType<typeof logprobsOf>;
}

/** A text in the pieces in which it is streamed: a word with the space before it. */
export const piecesOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** Streams an answer as Azure does: the prompt's filter results, the role, the pieces, the reason, the usage, `[DONE]`. */
export async function streamAnswer(call: ModelCall, streamed: Streamed): Promise<void> {
  const { response, failure, signal } = call;
  await waitForFirstToken(call);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const writer = createFrameWriter(response, signal, failure?.kind === 'split-utf8');
  await writer.send({
    choices: [],
    created: 0,
    id: '',
    model: '',
    object: '',
    prompt_filter_results: promptFilterResults,
  });
  const frames = frameMaker(call.deployment.name, streamed);
  if (failure?.kind === 'malformed-frames') await sendOddFrames(writer, frames, streamed.usage);
  const ended = await sendChoices(call, streamed, writer, frames);
  if (!ended) return;
  if (streamed.includeUsage) {
    await writer.send(frames.usage(streamed.usage));
    call.record.usageReported = true;
  }
  await writer.sendRaw('data: [DONE]\n\n');
  response.end();
}

type Delta = Readonly<Record<string, unknown>>;
type Frames = ReturnType<typeof frameMaker>;

function frameMaker(model: string, { includeUsage, logprobs }: Streamed) {
  const head = { ...completionHead(model, 'chat.completion.chunk') };
  const usage = includeUsage ? { usage: null } : {};
  const choice = (index: number, delta: Delta, finish_reason: FinishReason | null, content_filter_results: object) => ({
    ...head,
    choices: [
      {
        index,
        delta,
        finish_reason,
        logprobs: typeof delta.content === 'string' && delta.content ? logprobs(delta.content) : null,
        content_filter_results,
      },
    ],
    ...usage,
  });
  return {
    head,
    delta: (index: number, delta: Delta) =>
      choice(index, delta, null, 'content' in delta && delta.content ? safeCompletion : {}),
    finish: (index: number, reason: FinishReason) =>
      choice(index, {}, reason, reason === 'content_filter' ? filteredCompletion : {}),
    usage: (whole: Usage) => ({ ...head, choices: [], usage: whole }),
  };
}

/** Returns whether the stream is to be ended in the regular way. */
async function sendChoices(call: ModelCall, streamed: Streamed, writer: FrameWriter, frames: Frames): Promise<boolean> {
  const { failure } = call;
  const { completion, choices } = streamed;
  const deltas = [...deltasOf(completion)];
  const trouble = failure && Math.min(failure.afterTokens, deltas.length);
  const filtered = failure?.kind === 'content-filter-completion';
  const pace = createPace(call.pace, call.signal);
  const content = completion.toolCalls.length > 0 ? null : '';
  for (let index = 0; index < choices; index += 1) {
    await writer.send(frames.delta(index, { role: 'assistant', content, refusal: null }));
    for (const delta of deltas.slice(0, trouble)) await sendPiece(delta, index);
    if (failure && (await interrupt(call, writer))) return false;
    const rest = trouble === undefined || filtered ? [] : deltas.slice(trouble);
    for (const delta of rest) await sendPiece(delta, index);
    await writer.send(frames.finish(index, filtered ? 'content_filter' : completion.finishReason));
  }
  return true;

  async function sendPiece(delta: Delta, index: number): Promise<void> {
    await pace();
    await writer.send(frames.delta(index, delta));
  }
}

/** Lets the stream fail in the middle where that is planned; returns whether it is over. */
async function interrupt({ failure, response, signal }: ModelCall, writer: FrameWriter): Promise<boolean> {
  if (failure?.kind === 'stall') await wait(failure.delayMs ?? LONGEST_STALL_MS, undefined, { signal });
  if (failure?.kind === 'cut-stream') {
    await new Promise((resolve) => response.write('', resolve));
    response.destroy();
    return true;
  }
  if (failure?.kind !== 'error-in-stream') return false;
  await writer.send(errorBody(serverError()));
  response.end();
  return true;
}

function* deltasOf({ text, toolCalls }: Completion): Generator<Delta> {
  for (const content of piecesOf(text)) yield { content };
  for (const [index, { id, type, function: called }] of toolCalls.entries()) {
    yield { tool_calls: [{ index, id, type, function: { name: called.name, arguments: '' } }] };
    for (let start = 0; start < called.arguments.length; start += ARGUMENT_PIECE_CHARACTERS) {
      const piece = called.arguments.slice(start, start + ARGUMENT_PIECE_CHARACTERS);
      yield { tool_calls: [{ index, function: { arguments: piece } }] };
    }
  }
}

/** Frames that some servers and proxies send and that no client may stumble over. */
async function sendOddFrames(writer: FrameWriter, frames: Frames, usage: Usage): Promise<void> {
  await writer.sendRaw(': keep-alive\n\n');
  await writer.send({ ...frames.head, choices: [] });
  await writer.send({ ...frames.head, choices: [{ index: 0, finish_reason: null }] });
  await writer.send(frames.usage({ ...usage, completion_tokens: 0, total_tokens: usage.prompt_tokens }));
}
