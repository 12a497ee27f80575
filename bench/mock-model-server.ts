/**
 * A model server that costs next to nothing: every answer is the same 64 tokens, every vector the same. Prints `{"url":…}`.
 * The deployment `fast` answers at once; `paced` sends its first token after 50 ms and then one each 10 ms. It is named by
 * the path, as Azure OpenAI has it, or by the body's `model`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const TOKENS = 64;
const DIMENSIONS = 512;
const FIRST_TOKEN_MILLISECONDS = 50;
const TOKEN_MILLISECONDS = 10;

const words = Array.from({ length: TOKENS }, (_, index) => (index === TOKENS - 1 ? ' [1].' : ' word'));
const usage = { prompt_tokens: 500, completion_tokens: TOKENS, total_tokens: 500 + TOKENS };
const frame = (choices: object[], rest: object = {}) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'mock', choices, ...rest })}\n\n`;
const frames = words.map((content) => frame([{ index: 0, delta: { content }, finish_reason: null }]));
const stopFrame = frame([{ index: 0, delta: {}, finish_reason: 'stop' }]);
const doneFrame = 'data: [DONE]\n\n';
const lastFrames = `${stopFrame}${doneFrame}`;
const lastFramesWithUsage = `${stopFrame}${frame([], { usage })}${doneFrame}`;
const message = { role: 'assistant', content: words.join('') };
const completion = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  model: 'mock',
  choices: [{ index: 0, message, finish_reason: 'stop' }],
  usage,
});
const vector = new Float32Array(DIMENSIONS).fill(1 / Math.sqrt(DIMENSIONS));
const embedding = Buffer.from(vector.buffer).toString('base64');

interface Body {
  readonly model?: string;
  readonly input?: unknown;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

async function readBody(request: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString());
}

async function stream(response: ServerResponse, isPaced: boolean, lastText: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const [index, text] of frames.entries()) {
    if (isPaced) await sleep(index === 0 ? FIRST_TOKEN_MILLISECONDS : TOKEN_MILLISECONDS);
    response.write(text);
  }
  response.end(lastText);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { input, model, stream: isStreamed, stream_options: options } = await readBody(request);
  const isPaced = model === 'paced' || (request.url?.includes('/paced/') ?? false);
  if (isStreamed) return stream(response, isPaced, options?.include_usage ? lastFramesWithUsage : lastFrames);
  response.writeHead(200, { 'content-type': 'application/json' });
  if (input === undefined) return void response.end(completion);
  const inputs = Array.isArray(input) ? input : [input];
  const data = inputs.map((_, index) => ({ object: 'embedding', index, embedding }));
  response.end(JSON.stringify({ object: 'list', model: 'mock', data, usage: { prompt_tokens: 8, total_tokens: 8 } }));
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
process.once('disconnect', () => process.exit());
