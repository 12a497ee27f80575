import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayRequest } from '../../models/model-gateway.ts';
import type { DeploymentTarget } from '../../models/model-transport.ts';
import type { AnswerReader } from './answer-reader.ts';
import { estimateUsage } from './estimate-usage.ts';
import { refusedAttempt, serviceErrorOf } from './model-failure.ts';

const MAX_BYTES = 64 * 1024;

/** Reads why a service refused a request. */
export function createRefusalReader(
  target: DeploymentTarget,
  request: GatewayRequest,
  { status, headers }: { readonly status: number; readonly headers: IncomingHttpHeaders },
): AnswerReader {
  const pieces: Buffer[] = [];
  let size = 0;
  const refusal = () => {
    const said = serviceErrorOf(Buffer.concat(pieces).toString());
    return refusedAttempt(target, { status, headers, said });
  };
  return {
    hasBegun: false,
    isDone: false,
    read(chunk) {
      pieces.push(chunk);
      size += chunk.length;
      if (size > MAX_BYTES) throw refusal();
    },
    end() {
      throw refusal();
    },
    usageSoFar: () => estimateUsage(request, 0),
  };
}
