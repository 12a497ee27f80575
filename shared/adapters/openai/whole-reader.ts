import { AttemptError } from '../../models/attempt-error.ts';
import type { GatewayRequest } from '../../models/model-gateway.ts';
import type { AnswerBytes } from './answer-bytes.ts';
import type { AnswerReader } from './answer-reader.ts';
import { estimateUsage } from './estimate-usage.ts';
import { brokenOff } from './model-failure.ts';
import { readChatAnswer, readEmbeddingsAnswer } from './whole-answer.ts';

const MAX_BYTES = 32 * 1024 * 1024;

/** Collects an answer that comes in one piece, so that another deployment can be asked until the last byte is there. */
export function createWholeReader(request: GatewayRequest, bytes: AnswerBytes): AnswerReader {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    hasBegun: false,
    isDone: false,
    read(chunk) {
      size += chunk.length;
      if (size > MAX_BYTES) throw new AttemptError('unavailable', brokenOff());
      pieces.push(chunk);
    },
    end() {
      const body = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
      const facts = request.operation === 'chat' ? readChatAnswer(body) : readEmbeddingsAnswer(body);
      if (!facts) throw new AttemptError('unavailable', brokenOff());
      bytes.push(body);
      return { finishReason: facts.finishReason, usage: facts.usage ?? estimateUsage(request, body.length) };
    },
    usageSoFar: () => estimateUsage(request, 0),
  };
}
