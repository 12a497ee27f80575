import type { Citation, TokenUsage } from '../../shared/contracts/citations.ts';
import { STREAM_DONE, type UiMessageChunk } from '../../shared/contracts/ui-message-stream.ts';
import type { PlatformClient } from '../platform-client.ts';

const DATA = 'data: ';

/** An answer as a client saw it come. */
export interface StreamedAnswer {
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly usage: TokenUsage;
  /** How many reads brought text: one alone means that somebody held the answer back. */
  readonly pieces: number;
  readonly firstWordMs: number;
  readonly totalMs: number;
}

export interface Question {
  readonly message: string;
  readonly knowledgeBaseIds: readonly string[];
}

/** Asks through the streaming door and passes each piece of text on as it comes; throws when the turn does not finish. */
export async function ask(
  client: PlatformClient,
  question: Question,
  onText: (piece: string) => void,
): Promise<StreamedAnswer> {
  const askedAt = performance.now();
  const body = await openStream(client, question);
  const citations: Citation[] = [];
  let [text, pieces, firstWordMs] = ['', 0, 0];
  let usage: TokenUsage | undefined;
  for await (const chunks of readsOf(body)) {
    const read = summarize(chunks);
    citations.push(...read.citations);
    usage ??= read.usage;
    if (read.text === '') continue;
    firstWordMs ||= performance.now() - askedAt;
    pieces += 1;
    text += read.text;
    onText(read.text);
  }
  if (!usage) throw new Error('The stream ended before the answer did.');
  const totalMs = performance.now() - askedAt;
  return { text, citations, usage, pieces, firstWordMs, totalMs };
}

async function openStream(client: PlatformClient, question: Question): Promise<ReadableStream<Uint8Array>> {
  const response = await client.fetch('/api/v1/chat/stream', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  if (response.ok && response.body) return response.body;
  throw new Error(`The question was answered with ${response.status}: ${await response.text()}`);
}

/** What one read of the stream brought; throws what it says about a failure. */
function summarize(chunks: readonly UiMessageChunk[]) {
  const failure = chunks.find((chunk) => chunk.type === 'error');
  if (failure) throw new Error(`The answer broke off: ${failure.errorText}`);
  return {
    text: chunks.map((chunk) => (chunk.type === 'text-delta' ? chunk.delta : '')).join(''),
    citations: chunks.flatMap((chunk) =>
      chunk.type === 'source-document' ? [chunk.providerMetadata.platform.citation] : [],
    ),
    usage: chunks.find((chunk) => chunk.type === 'finish')?.messageMetadata.usage,
  };
}

/** The events of a stream, those that came together in one array. */
export async function* readsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<UiMessageChunk[]> {
  const decoder = new TextDecoder();
  let open = '';
  for await (const bytes of body) {
    const lines = `${open}${decoder.decode(bytes, { stream: true })}`.split('\n');
    open = lines.pop() ?? '';
    const events = lines.flatMap((line) => (line.startsWith(DATA) ? [line.slice(DATA.length)] : []));
    yield events.filter((data) => data !== STREAM_DONE).map((data) => JSON.parse(data) as UiMessageChunk);
  }
}
