import type { ChatAnswer } from '../../../shared/contracts/chat.ts';
import type { Page } from '../../../shared/contracts/paging.ts';
import type { ToolDecision } from '../../../shared/contracts/runs.ts';
import type { Message, Session } from '../../../shared/contracts/sessions.ts';
import { cosmos, type TestPerson } from './platform.ts';

type Body = Readonly<Record<string, unknown>>;

/** Asks without searching, and gets the whole answer. */
export function ask(person: TestPerson, message: string, more: Body = {}): Promise<ChatAnswer> {
  return person.must('POST', '/api/v1/chat', { message, knowledgeBaseIds: [], ...more });
}

export interface StreamEvent {
  readonly id: number;
  readonly chunk: { readonly type: string; readonly delta?: string; readonly errorText?: string } | 'done';
}

/** An answer or a run as its events come in. */
export interface EventStream {
  readonly response: Response;
  readonly sessionId: string;
  readonly runId: string;
  /** Every event up to and with the first that fits; to the end when none is asked for. */
  until(fits?: (event: StreamEvent) => boolean): Promise<StreamEvent[]>;
  /** Closes the connection. */
  leave(): void;
}

export async function askStreaming(person: TestPerson, message: string, more: Body = {}): Promise<EventStream> {
  const body = JSON.stringify({ message, knowledgeBaseIds: [], ...more });
  return follow(person, '/api/v1/chat/stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

export function resume(person: TestPerson, runId: string, lastEventId?: number): Promise<EventStream> {
  const headers = new Headers();
  if (lastEventId !== undefined) headers.set('last-event-id', String(lastEventId));
  return follow(person, `/api/v1/runs/${runId}/events`, { headers });
}

/** Decides on the calls that a run waits for; what comes back is the rest of the run. */
export function decide(person: TestPerson, runId: string, decisions: readonly ToolDecision[]): Promise<EventStream> {
  const body = JSON.stringify({ decisions });
  const headers = { 'content-type': 'application/json' };
  return follow(person, `/api/v1/runs/${runId}/approvals`, { method: 'POST', headers, body });
}

async function follow(person: TestPerson, path: string, init: RequestInit): Promise<EventStream> {
  const leaving = new AbortController();
  const response = await person.fetch(path, { ...init, signal: leaving.signal });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  const events = eventsOf(response);
  return {
    response,
    sessionId: response.headers.get('x-session-id') ?? '',
    runId: response.headers.get('x-run-id') ?? '',
    async until(fits = () => false) {
      const seen: StreamEvent[] = [];
      for (;;) {
        const { done, value } = await events.next();
        if (done) return seen;
        seen.push(value);
        if (fits(value)) return seen;
      }
    },
    leave: () => leaving.abort(),
  };
}

async function* eventsOf(response: Response): AsyncGenerator<StreamEvent, void, undefined> {
  let rest = '';
  for await (const part of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + part).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      const id = Number(/^id: (.*)$/m.exec(block)?.[1]);
      yield { id, chunk: data === '[DONE]' ? 'done' : (JSON.parse(data) as StreamEvent['chunk'] & object) };
    }
  }
}

export const isType =
  (type: string) =>
  ({ chunk }: StreamEvent): boolean =>
    chunk !== 'done' && chunk.type === type;

export function textOf(events: readonly StreamEvent[]): string {
  return events.map(({ chunk }) => (chunk === 'done' ? '' : (chunk.delta ?? ''))).join('');
}

export async function messagesOf(person: TestPerson, sessionId: string): Promise<Message[]> {
  return (await person.must<Page<Message>>('GET', `/api/v1/sessions/${sessionId}/messages?limit=100`)).items;
}

export function sessionOf(person: TestPerson, sessionId: string): Promise<Session> {
  return person.must('GET', `/api/v1/sessions/${sessionId}`);
}

/** How many messages of a session are stored, whether or not its session is. */
export async function storedMessages(tenantId: string, sessionId: string): Promise<number> {
  const container = await cosmos.container('messages');
  const found = container.items.query('SELECT c.id FROM c', { partitionKey: [tenantId, sessionId] });
  return (await found.fetchAll()).resources.length;
}
