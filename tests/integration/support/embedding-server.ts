import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashingEmbedding } from '../../../local/emulators/model-server/hashing-embedder.ts';

const DIMENSIONS = 512;

export interface HeldEmbedding {
  /** Resolves once a request for the text waits. */
  readonly arrived: Promise<void>;
  release(): void;
}

/**
 * Embeds as the local model server does, except for texts that a test has plans for. A deployment whose name ends in a number
 * has vectors of so many dimensions.
 */
export interface EmbeddingServer {
  readonly url: string;
  /** Lets requests whose texts hold `marker` wait until they are released. */
  hold(marker: string): HeldEmbedding;
  /** Answers requests whose texts hold `marker` with an error, so many times or until `end` is called. */
  refuse(
    marker: string,
    answer: { status: number; headers?: Record<string, string>; times?: number },
  ): { readonly end: () => void };
  /** How many requests have asked for texts that hold `marker`. */
  asked(marker: string): number;
  /** The texts that hold `marker` and were embedded, once for each time that they were. */
  embedded(marker: string): string[];
  stop(): Promise<void>;
}

interface Plan {
  readonly marker: string;
  left: number;
  act(response: ServerResponse): Promise<boolean>;
}

export async function startEmbeddingServer(): Promise<EmbeddingServer> {
  const seen: string[] = [];
  const answered: string[] = [];
  let plans: Plan[] = [];

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    // How the app asks whether it is there.
    if (request.method === 'GET') return void send(response, 200, { object: 'list', data: [] });
    const body = JSON.parse(Buffer.concat(parts).toString()) as { input: string[]; encoding_format?: string };
    const text = body.input.join('\n');
    seen.push(text);
    const plan = plans.find(({ marker, left }) => left > 0 && text.includes(marker));
    if (plan) plan.left -= 1;
    if (plan && (await plan.act(response))) return;
    answered.push(...body.input);
    const data = body.input.map((input, index) => ({
      index,
      embedding: vector(input, dimensionsOf(request.url), body.encoding_format),
    }));
    send(response, 200, { object: 'list', data, usage: { prompt_tokens: 1, total_tokens: 1 } });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(marker) {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const act = async () => {
        arrived.resolve();
        await released.promise;
        return false;
      };
      const plan = { marker, left: Number.POSITIVE_INFINITY, act };
      plans.push(plan);
      const release = () => {
        plans = plans.filter((other) => other !== plan);
        released.resolve();
      };
      return { arrived: arrived.promise, release };
    },
    refuse(marker, { status, headers = {}, times = Number.POSITIVE_INFINITY }) {
      const act = async (response: ServerResponse) => {
        send(response, status, { error: { code: String(status), message: 'planned' } }, headers);
        return true;
      };
      const plan = { marker, left: times, act };
      plans.push(plan);
      return { end: () => (plan.left = 0) };
    },
    embedded: (marker) => answered.filter((text) => text.includes(marker)),
    asked: (marker) => seen.filter((text) => text.includes(marker)).length,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function dimensionsOf(url = ''): number {
  return Number(/-(\d+)\/embeddings/.exec(url)?.[1] ?? DIMENSIONS);
}

function vector(text: string, dimensions: number, format: string | undefined): string | number[] {
  const values = hashingEmbedding(text).slice(0, dimensions);
  return format === 'base64' ? Buffer.from(values.buffer).toString('base64') : [...values];
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
