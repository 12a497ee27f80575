/** The load: sends what its parent says to chat completions of OpenAI's kind, and checks that every answer is whole. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Load, LoadResult } from './load.ts';

const TIMEOUT_MILLISECONDS = 60_000;
/** The mock model's answer: 63 times ` word`, then ` [1].`. */
const WORDS = 63;
const LAST_WORD = ' [1].';
const QUOTED_CHARACTERS = 300;
const FIRST_TOKEN = '"content":" word"';

const COMMON_HEADERS = {
  'content-type': 'application/json',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

const agent = new Agent({ headersTimeout: TIMEOUT_MILLISECONDS, bodyTimeout: TIMEOUT_MILLISECONDS });

/** Milliseconds to the first token of a stream, else to the end. */
function sendOne({ url, headers, body }: Load, text: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const { origin, pathname, search } = new URL(url);
  const startedAt = performance.now();
  let status = 0;
  let begunAt: number | undefined;
  let answer = '';
  const request = {
    origin,
    path: `${pathname}${search}`,
    method: 'POST' as const,
    // Azure's front end gives each call an id; whoever knows none passes over it.
    headers: { ...headers, ...COMMON_HEADERS, 'x-ms-invocation-id': randomUUID() },
    body: text,
  };
  agent.dispatch(request, {
    onRequestStart() {},
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData(_controller, chunk) {
      answer += chunk.toString('latin1');
      if (begunAt === undefined && answer.includes(FIRST_TOKEN)) begunAt = performance.now();
    },
    onResponseEnd() {
      const endedAt = performance.now();
      const isWhole = status === 200 && (body.stream ? isWholeStream(answer) : isWholeAnswer(answer));
      if (isWhole) resolve((begunAt ?? endedAt) - startedAt);
      else reject(new Error(`${url} answered ${status}: ${answer.slice(0, QUOTED_CHARACTERS)}`));
    },
    onResponseError(_controller, error) {
      reject(new Error(`${url} failed: ${error.message}`));
    },
  });
  return promise;
}

function isWholeStream(answer: string): boolean {
  const words = answer.split(FIRST_TOKEN).length - 1;
  return words === WORDS && answer.includes(`"content":"${LAST_WORD}"`) && answer.endsWith('data: [DONE]\n\n');
}

function isWholeAnswer(answer: string): boolean {
  const { choices } = JSON.parse(answer) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content === ' word'.repeat(WORDS) + LAST_WORD;
}

async function run(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const failures: string[] = [];
  const text = JSON.stringify(load.body);
  let left = load.requests;
  const startedAt = performance.now();
  const sender = async (_: unknown, index: number) => {
    if (load.spreadMilliseconds > 0) await sleep((load.spreadMilliseconds * index) / load.parallel);
    while (left-- > 0) {
      await sendOne(load, text).then(
        (latency) => latencies.push(latency),
        (error: Error) => failures.push(error.message),
      );
    }
  };
  await Promise.all(Array.from({ length: load.parallel }).map(sender));
  return { seconds: (performance.now() - startedAt) / 1_000, latencies, failures };
}

process.on('message', async (load: Load) => process.send?.(await run(load)));
process.once('disconnect', () => process.exit());
