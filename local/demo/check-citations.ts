import { readFile } from 'node:fs/promises';
import type { Citation } from '../../shared/contracts/citations.ts';
import type { ApiResponse, PlatformClient } from '../platform-client.ts';
import type { StreamedAnswer } from './ask.ts';
import { shorten } from './checks.ts';
import type { DemoContext } from './demo-context.ts';
import { excerptAround, isQuotedFrom, quotesOf } from './quotes.ts';

const SAMPLES = new URL('../sample-documents/', import.meta.url);
const DOWNLOAD_TIMEOUT_MS = 15_000;
const SHOWN_EXCERPT_CHARACTERS = 120;

/** Prints each citation of an answer, opens its place in the text and its source, and checks what is there. */
export async function checkCitations(context: DemoContext, reader: PlatformClient, answer: StreamedAnswer) {
  for (const citation of answer.citations) {
    const span = await openSpan(reader, citation);
    const quotes = quotesOf(answer.text, citation.number);
    context.screen.line(`  ${describeCitation(context, citation, excerptAround(quotes[0] ?? '', span.body))}`);
    checkSpan(context, citation, quotes, span);
    await checkSource(context, reader, citation);
  }
}

function describeCitation({ screen }: DemoContext, citation: Citation, excerpt: string): string {
  const { number, documentName, page, headingPath } = citation;
  const place = [documentName, page === null ? '' : `page ${page}`, headingPath.at(-1) ?? ''].filter(Boolean);
  const quoted = screen.paint('dim', `— "${shorten(excerpt, SHOWN_EXCERPT_CHARACTERS)}"`);
  return `${screen.paint('cyan', `[${number}]`)} ${place.join(', ')} ${quoted}`;
}

function openSpan(reader: PlatformClient, citation: Citation): Promise<ApiResponse<string>> {
  const { knowledgeBaseId, documentId, version, start, end } = citation;
  const document = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${documentId}`;
  return reader.call<string>('GET', `${document}/text?version=${version}&start=${start}&end=${end}`);
}

function checkSpan(
  { checks }: DemoContext,
  { number, start, end }: Citation,
  quotes: readonly string[],
  span: ApiResponse<string>,
): void {
  const strays = quotes.filter((quote) => span.status !== 200 || !isQuotedFrom(quote, span.body));
  const isMet = quotes.length > 0 && strays.length === 0;
  const found = isMet
    ? `${quotes.length} quoted sentence${quotes.length > 1 ? 's' : ''} in characters ${start} to ${end}`
    : `${span.status} ${strays.join(' ')} not in ${span.body}`;
  checks.expect(`[${number}] points at the words that the answer quotes`, isMet, found);
}

async function checkSource({ checks }: DemoContext, reader: PlatformClient, citation: Citation): Promise<void> {
  const { number, documentName, url } = citation;
  const expected = await readFile(new URL(documentName, SAMPLES));
  const link = await reader.must<{ url: string }>('GET', url);
  const response = await fetch(link.url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  const bytes = Buffer.from(await response.arrayBuffer());
  checks.expect(
    `[${number}] downloads the ${expected.length} bytes of ${documentName}`,
    response.ok && bytes.equals(expected),
    `${response.status}, ${bytes.length} bytes`,
  );
}
