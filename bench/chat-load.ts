/** The load: `node bench/chat-load.ts JSON` sends so many requests, so many at a time, and prints how long they took. */
import { Agent, request } from 'undici';

export interface Load {
  /** The body of the requests of each parallel sender. */
  readonly bodies: readonly object[];
  readonly url: string;
  readonly authorization: string;
  readonly requests: number;
  /** What a stream holds once the first token is there; undefined when the answer comes whole. */
  readonly firstToken?: string;
}

export interface LoadResult {
  readonly seconds: number;
  /** Milliseconds from each request to its first token, or to its whole answer. */
  readonly latencies: readonly number[];
  /** What was answered instead of an answer. */
  readonly failures: readonly string[];
}

const dispatcher = new Agent({ connections: null, headersTimeout: 60_000, bodyTimeout: 60_000 });

async function sendOne(load: Load, body: string): Promise<number> {
  const startedAt = performance.now();
  const headers = { 'content-type': 'application/json', authorization: load.authorization };
  const response = await request(load.url, { method: 'POST', headers, body, dispatcher });
  let begunAt: number | undefined;
  let text = '';
  for await (const part of response.body) {
    text += part;
    if (begunAt === undefined && load.firstToken && text.includes(load.firstToken)) begunAt = performance.now();
  }
  const isWhole = response.statusCode === 200 && text.includes('[1]');
  if (!isWhole) throw new Error(`${load.url} answered ${response.statusCode}: ${text.slice(0, 300)}`);
  return (begunAt ?? performance.now()) - startedAt;
}

async function run(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const failures: string[] = [];
  let left = load.requests;
  const startedAt = performance.now();
  const send = async (body: string) => {
    for (; left > 0; ) {
      left -= 1;
      await sendOne(load, body).then(
        (latency) => latencies.push(latency),
        (error: Error) => failures.push(error.message),
      );
    }
  };
  await Promise.all(load.bodies.map((body) => send(JSON.stringify(body))));
  return { seconds: (performance.now() - startedAt) / 1000, latencies, failures };
}

const result = await run(JSON.parse(process.argv[2] ?? '{}') as Load);
console.log(JSON.stringify(result));
process.exit();
