import { request } from 'undici';

const TIMEOUT_MILLISECONDS = 30_000;
const EVENT = /^data: (.*)$/gm;

/** Where and as whom chat completions are asked for. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StreamedAnswer {
  readonly status: number;
  readonly text: string;
  /** How the stream ended: `[DONE]`, an error that was told, or neither. */
  readonly end: 'done' | 'error' | 'nothing';
  /** Milliseconds to the first bytes of the body. */
  readonly milliseconds: number;
}

interface Frame {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly error?: unknown;
}

/** Asks one question and reads the stream to its end, however it ends. */
export async function askModel({ url, headers }: Target, model: string, question: string): Promise<StreamedAnswer> {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: question }] });
  const startedAt = performance.now();
  const answer = await request(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'x-ms-invocation-id': crypto.randomUUID() },
    body,
    headersTimeout: TIMEOUT_MILLISECONDS,
    bodyTimeout: TIMEOUT_MILLISECONDS,
  });
  let begunAt: number | undefined;
  const parts: Buffer[] = [];
  try {
    for await (const part of answer.body) {
      begunAt ??= performance.now();
      parts.push(part as Buffer);
    }
  } catch {
    // A connection that broke is an end without a word.
  }
  const milliseconds = (begunAt ?? performance.now()) - startedAt;
  return { status: answer.statusCode, milliseconds, ...readEvents(Buffer.concat(parts).toString()) };
}

function readEvents(body: string): Pick<StreamedAnswer, 'text' | 'end'> {
  const events = Array.from(body.matchAll(EVENT), ([, data = '']) => data);
  const frames = events.filter((data) => data !== '[DONE]').map((data) => JSON.parse(data) as Frame);
  const text = frames.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('');
  if (frames.some(({ error }) => error !== undefined)) return { text, end: 'error' };
  return { text, end: events.at(-1) === '[DONE]' ? 'done' : 'nothing' };
}
