import { AttemptError } from '../../models/attempt-error.ts';
import type { GatewayRequest } from '../../models/model-gateway.ts';
import type { AnswerBytes } from './answer-bytes.ts';
import type { AnswerReader } from './answer-reader.ts';
import { estimateUsage } from './estimate-usage.ts';
import { createFrameScanner } from './frame-scanner.ts';
import { brokenOff, errorFrame } from './model-failure.ts';

/** Passes the bytes of a stream on and reads them beside. It has begun with its first token. */
export function createStreamReader(request: GatewayRequest, bytes: AnswerBytes): AnswerReader {
  const scanner = createFrameScanner();
  const usageSoFar = () => scanner.usage ?? estimateUsage(request, scanner.textBytes);
  return {
    get hasBegun() {
      return scanner.hasBegun;
    },
    get isDone() {
      return scanner.isDone;
    },
    read(chunk) {
      const wasUnderWay = scanner.hasBegun;
      if (!scanner.read(chunk)) throw new AttemptError('unavailable', brokenOff());
      // The caller sees the error frame of an answer that it has seen the beginning of.
      if (wasUnderWay || !scanner.error) bytes.push(chunk);
      if (scanner.error) throw errorFrame(scanner.error);
    },
    end() {
      scanner.end();
      if (scanner.error) throw errorFrame(scanner.error);
      if (!scanner.finishReason) throw new AttemptError('unavailable', brokenOff());
      return { finishReason: scanner.finishReason, usage: usageSoFar() };
    },
    usageSoFar,
  };
}
