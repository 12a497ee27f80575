import { encodeEvent, eventStreamHeaders, eventStreamType, withHeartbeat } from './event-stream.ts';
import type { Reply } from './operation.ts';

/** One event of a run: its number, and a UI message chunk as JSON. */
interface RunEvent {
  readonly id: number;
  readonly data: string;
}

/** The events of a run as an answer that the AI SDK's client understands. */
export function runStream(
  entries: AsyncIterable<RunEvent>,
  headers: Readonly<Record<string, string>> = {},
): Reply<never> {
  return {
    headers: { ...eventStreamHeaders, ...headers, 'x-vercel-ai-ui-message-stream': 'v1' },
    raw: { contentType: eventStreamType, content: withHeartbeat(encoded(entries)) },
  };
}

async function* encoded(entries: AsyncIterable<RunEvent>): AsyncGenerator<Uint8Array> {
  for await (const { id, data } of entries) yield encodeEvent({ id: String(id), data });
}
