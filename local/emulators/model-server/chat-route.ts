import { composeReply } from './chat-reply.ts';
import { piecesOf, streamAnswer } from './chat-stream.ts';
import { type Completion, limitReply, usageOf, wholeAnswer } from './completion.ts';
import { logprobsOf } from './logprobs.ts';
import type { ModelCall } from './model-call.ts';
import { serverError } from './planned-errors.ts';
import { excerptOf } from './request-log.ts';
import { chatRequest } from './request-schemas.ts';
import { sendAnswer } from './send-answer.ts';
import { promptTokensOf } from './token-counting.ts';

/** Answers a conversation, in one piece or as a stream. */
export async function answerChat(call: ModelCall): Promise<void> {
  const { record, deployment, failure } = call;
  const request = chatRequest.parse(call.body);
  const tools = request.tools?.length ? JSON.stringify(request.tools) : '';
  const prompt = await promptTokensOf(request.messages, tools, deployment.contextTokens);
  const completion = await limitReply(composeReply(request), request);
  const choices = request.n ?? 1;
  record.excerpt = excerptOf(request.messages.at(-1)?.content ?? '');
  record.stream = request.stream ?? false;
  record.promptTokens = prompt.length;
  record.cachedTokens = call.models.promptCaches(record.region).cachedTokens(prompt);
  record.completionTokens = completion.tokens * choices;
  const usage = usageOf(record.promptTokens, record.cachedTokens, record.completionTokens);
  if (record.stream) {
    const includeUsage = request.stream_options?.include_usage ?? false;
    const logprobs = (piece: string) => logprobsOf([piece], request);
    return streamAnswer(call, { completion, choices, usage, includeUsage, logprobs });
  }
  if (failure?.kind === 'error-in-stream') throw serverError();
  record.usageReported = true;
  const filtered = failure?.kind === 'content-filter-completion' ? filter(completion, failure.afterTokens) : completion;
  const logprobs = logprobsOf(piecesOf(filtered.text), request);
  await sendAnswer(call, wholeAnswer(deployment.name, filtered, choices, usage, logprobs));
}

function filter(completion: Completion, pieces: number): Completion {
  return { ...completion, text: piecesOf(completion.text).slice(0, pieces).join(''), finishReason: 'content_filter' };
}
