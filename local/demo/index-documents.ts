import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled, type KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { sampleDocuments, sampleKnowledgeBases } from '../sample-documents/catalogue.ts';
import { documentsOf, keeperOf, seedDocuments } from '../seed.ts';
import type { DemoContext } from './demo-context.ts';
import { createProgressBar } from './progress-bar.ts';

const POLL_MS = 200;
const MAX_WAIT_MS = 100_000;
/** Stands for a page in formats that have none. */
const CHARACTERS_PER_PAGE = 3000;

/** What indexing brought, for the summary and for whoever asks about a document. */
export interface Indexed {
  readonly documents: readonly KnowledgeDocument[];
  readonly chunks: number;
  readonly pages: number;
  readonly seconds: number;
}

/** Brings the samples in through both doors, shows how they are indexed and checks that all of them are. */
export async function indexDocuments(context: DemoContext): Promise<Indexed> {
  const { screen, target, knowledgeBaseIds } = context;
  screen.title(`Indexing ${sampleDocuments.length} documents`);
  const startedAt = performance.now();
  const [, documents] = await Promise.all([
    seedDocuments(target, knowledgeBaseIds),
    watchUntilSettled(context, startedAt),
  ]);
  const seconds = (performance.now() - startedAt) / 1000;
  checkOutcome(context, documents);
  checkDoors(context, documents);
  const chunks = documents.reduce((sum, { chunkCount }) => sum + (chunkCount ?? 0), 0);
  return { documents, chunks, pages: await countPages(context, documents), seconds };
}

async function watchUntilSettled(context: DemoContext, startedAt: number): Promise<KnowledgeDocument[]> {
  const bar = createProgressBar(context.screen);
  const total = sampleDocuments.length;
  for (;;) {
    const documents = await allDocuments(context);
    const elapsed = performance.now() - startedAt;
    const done = documents.filter(({ status }) => isSettled(status)).length;
    const share =
      documents.reduce((sum, document) => sum + (isSettled(document.status) ? 1 : document.progress), 0) / total;
    bar.show({ done, total, share, seconds: elapsed / 1000 });
    if (done >= total) {
      bar.end();
      return documents;
    }
    if (elapsed > MAX_WAIT_MS) throw new Error(describeUnsettled(documents));
    await sleep(POLL_MS);
  }
}

function describeUnsettled(documents: readonly KnowledgeDocument[]): string {
  const states = documents
    .filter((document) => !isSettled(document.status))
    .map(({ name, status }) => `${name} is ${status}`);
  return `Not everything was indexed in ${MAX_WAIT_MS / 1000} s: ${states.join(', ') || 'some files never arrived'}.`;
}

/** Everything that was brought in, as the keepers of the two companies see it. */
async function allDocuments({ target, idOf }: DemoContext): Promise<KnowledgeDocument[]> {
  const lists = sampleKnowledgeBases.map(async ({ key, tenant }) =>
    documentsOf(await keeperOf(target, tenant), idOf(key)),
  );
  return (await Promise.all(lists)).flat();
}

function checkOutcome({ checks }: DemoContext, documents: readonly KnowledgeDocument[]): void {
  const failures = documents.flatMap(({ name, status, error }) =>
    status === 'ready' ? [] : [`${name}: ${error?.reason ?? status}`],
  );
  const ready = documents.filter(({ status }) => status === 'ready').length;
  const expected = sampleDocuments.length;
  const isWhole = ready === expected && documents.length === expected;
  checks.expect(`all ${expected} documents are ready`, isWhole, [`${ready} ready`, ...failures].join('; '));
}

function checkDoors({ checks }: DemoContext, documents: readonly KnowledgeDocument[]): void {
  const formats = [...new Set(sampleDocuments.map(({ file }) => extname(file)))];
  for (const door of ['upload', 'drop'] as const) {
    const came = documents.filter(({ source, status }) => source === door && status === 'ready');
    const found = new Set(came.map(({ name }) => extname(name)));
    const name = door === 'upload' ? 'upload' : 'blob drop';
    const isMet = formats.every((format) => found.has(format));
    checks.expect(`${formats.join(', ')} came in by ${name}`, isMet, came.map((document) => document.name).join(', '));
  }
}

async function countPages({ target }: DemoContext, documents: readonly KnowledgeDocument[]): Promise<number> {
  const keepers = await Promise.all([keeperOf(target, 'contoso'), keeperOf(target, 'fabrikam')]);
  const counts = documents.map(async ({ pageCount, knowledgeBaseId, id }) => {
    if (pageCount !== null) return pageCount;
    const path = `/api/v1/knowledge-bases/${knowledgeBaseId}/documents/${id}/text`;
    const texts = await Promise.all(keepers.map((keeper) => keeper.call<string>('GET', path)));
    const text = texts.find(({ status }) => status === 200)?.body ?? '';
    return Math.ceil(text.length / CHARACTERS_PER_PAGE);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}
