import type { RunLogEntry } from '../chat/run-log.ts';
import { encodeEvent, eventStreamHeaders, eventStreamType, withHeartbeat } from './event-stream.ts';
import type { Reply } from './operation.ts';

/** The events of a run as an answer that the AI SDK's client understands. */
export function runStream(
  entries: AsyncIterable<RunLogEntry>,
  headers: Readonly<Record<string, string>> = {},
): Reply<never> {
  return {
    headers: { ...eventStreamHeaders, ...headers, 'x-vercel-ai-ui-message-stream': 'v1' },
    raw: { contentType: eventStreamType, content: withHeartbeat(encoded(entries)) },
  };
}

async function* encoded(entries: AsyncIterable<RunLogEntry>): AsyncGenerator<Uint8Array> {
  for await (const { id, data } of entries) yield encodeEvent({ id: String(id), data });
}
