import { setTimeout as wait } from 'node:timers/promises';
import { sendJson } from './http-exchange.ts';
import type { ModelCall } from './model-call.ts';

const DEFAULT_SLOWNESS_MS = 2000;
/** A stalled answer ends when its client gives up; this only bounds it. */
export const LONGEST_STALL_MS = 600_000;

/** Waits where the plan says that the answer comes late. @throws AbortError when the client is gone. */
export async function waitForFirstToken({ failure, pace, signal }: ModelCall): Promise<void> {
  const late = failure?.kind === 'slow-first-token' ? (failure.delayMs ?? DEFAULT_SLOWNESS_MS) : 0;
  if (late + pace.firstTokenMs > 0) await wait(late + pace.firstTokenMs, undefined, { signal });
}

/** Sends an answer in one piece, or as much of it as its failure allows. */
export async function sendAnswer(call: ModelCall, body: unknown): Promise<void> {
  const { failure, response, signal } = call;
  await waitForFirstToken(call);
  if (failure?.kind === 'stall') await wait(failure.delayMs ?? LONGEST_STALL_MS, undefined, { signal });
  if (failure?.kind !== 'cut-stream') return sendJson(response, 200, body);
  const text = JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}
