import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface PromptMessage {
  readonly role: string;
  readonly content: string;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

/** A tool that a scripted model asks for. */
export interface ScriptedCall {
  readonly name: string;
  /** An object, or text that may be no JSON. */
  readonly input?: unknown;
}

/** A question that reached the model, and what became of its connection. */
export interface ModelRequest {
  readonly messages: readonly PromptMessage[];
  /** The names of the tools that it may call. */
  readonly tools: readonly string[];
  /** The deployment that was asked. */
  readonly deployment: string;
  readonly receivedAt: number;
  /** Resolves with whether the client closed the connection before the answer was whole. */
  readonly closed: Promise<{ aborted: boolean }>;
}

export type Reply = (writer: ReplyWriter) => void | Promise<void>;

export interface ReplyWriter {
  say(...pieces: readonly string[]): void;
  call(...calls: readonly ScriptedCall[]): void;
  /** Bytes as they are. */
  raw(bytes: string | Uint8Array): void;
  /** Left out: `stop`. */
  finish(reason?: string): void;
  /** Ends the connection in the middle. */
  cut(): void;
  refuse(status: number, code: string, headers?: Readonly<Record<string, string>>): void;
}

/** A chat model that says what a test tells it to; it embeds with the local model server. */
export interface ScriptedModel {
  readonly url: string;
  /** The questions, without those for a title or a whole question, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** What the next questions get, one each; a question without one is answered `Fine.` */
  next(...replies: readonly Reply[]): void;
  /** What those who want an embedding get; left out, a real one. */
  embedding: Reply | undefined;
  /** What those who want a title get. */
  title: Reply;
  /** What those who want a question made whole get; by itself nothing, so that it stays as it is. */
  rewriting: Reply;
  /** What was to be made whole, oldest first. */
  readonly rewritten: readonly string[];
  stop(): Promise<void>;
}

export const TITLE = 'A scripted title';

export function saying(...pieces: readonly string[]): Reply {
  return (writer) => {
    writer.say(...pieces);
    writer.finish();
  };
}

/** Says something, if anything, and asks for tools. */
export function calling(calls: ScriptedCall | readonly ScriptedCall[], ...pieces: readonly string[]): Reply {
  return (writer) => {
    writer.say(...pieces);
    writer.call(...[calls].flat());
    writer.finish('tool_calls');
  };
}

export function refusing(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return (writer) => writer.refuse(status, code, headers);
}

/** Begins with `pieces`, then waits until the test says `go`, then ends with what that says. */
export function holding(...pieces: readonly string[]): { readonly reply: Reply; go(...rest: readonly string[]): void } {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  return {
    async reply(writer) {
      writer.say(...pieces);
      writer.say(...(await promise));
      writer.finish();
    },
    go: (...rest) => resolve(rest),
  };
}

export async function startScriptedModel(embeddingsUrl: string): Promise<ScriptedModel> {
  const requests: ModelRequest[] = [];
  const replies: Reply[] = [];
  const rewritten: string[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (request.url?.includes('/embeddings')) {
      if (scripted.embedding) return scripted.embedding(replyWriter(response));
      return forward(`${embeddingsUrl}${request.url}`, body, response);
    }
    const { messages, tools = [], ...asked } = JSON.parse(body) as ChatBody;
    if (messages[0]?.content.startsWith('Write a title')) return scripted.title(replyWriter(response));
    if (messages[0]?.content.startsWith('Rewrite the last question')) {
      rewritten.push(messages[1]?.content ?? '');
      return scripted.rewriting(replyWriter(response));
    }
    const closed = once(response, 'close').then(() => ({ aborted: !response.writableFinished }));
    const deployment = /\/deployments\/([^/]+)\//.exec(request.url ?? '')?.[1] ?? asked.model ?? '';
    const names = tools.map((tool) => tool.function.name);
    requests.push({ messages, tools: names, deployment, receivedAt: performance.now(), closed });
    await (replies.shift() ?? saying('Fine.'))(replyWriter(response));
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const scripted: ScriptedModel = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    next: (...more) => void replies.push(...more),
    embedding: undefined,
    title: saying(TITLE),
    rewriting: saying(),
    rewritten,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return scripted;
}

interface ChatBody {
  readonly messages: readonly PromptMessage[];
  readonly model?: string;
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

async function forward(url: string, body: string, response: ServerResponse): Promise<void> {
  const headers = { 'api-key': 'local', 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body });
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(await answer.text());
}

function replyWriter(response: ServerResponse): ReplyWriter {
  const send = (bytes: string | Uint8Array) => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(bytes);
  };
  const frame = (value: unknown) => send(`data: ${JSON.stringify({ model: 'scripted', ...(value as object) })}\n\n`);
  return {
    say(...pieces) {
      for (const content of pieces) frame({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
    },
    call(...calls) {
      for (const [index, { name, input = {} }] of calls.entries()) {
        const text = typeof input === 'string' ? input : JSON.stringify(input);
        const half = Math.ceil(text.length / 2);
        const parts = [
          { index, id: `call_${index}`, type: 'function', function: { name, arguments: text.slice(0, half) } },
          { index, function: { arguments: text.slice(half) } },
        ];
        for (const part of parts)
          frame({ choices: [{ index: 0, delta: { tool_calls: [part] }, finish_reason: null }] });
      }
    },
    raw: send,
    finish(reason = 'stop') {
      frame({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
      frame({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } });
      response.end('data: [DONE]\n\n');
    },
    cut: () => void response.write('', () => response.destroy()),
    refuse(status, code, headers = {}) {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ error: { code, message: `refused with ${code}` } }));
    },
  };
}
