import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled, type KnowledgeDocument } from '../shared/contracts/documents.ts';
import { sampleDocuments, sampleKnowledgeBases } from './sample-documents/catalogue.ts';
import { documentsOf, keeperOf, type SeedTarget } from './seed.ts';

const POLL_MS = 500;
const MAX_WAIT_MS = 3 * 60_000;

/** Waits until the sample documents are indexed and tells about those that could not be. */
export async function watchIndexing(
  target: SeedTarget,
  knowledgeBaseIds: ReadonlyMap<string, string>,
  report: (line: string) => void,
): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  let isTold = false;
  while (Date.now() < deadline) {
    const documents = await allDocuments(target, knowledgeBaseIds);
    const settled = documents.filter(({ status }) => isSettled(status));
    if (settled.length >= sampleDocuments.length) {
      reportEnd(settled, report);
      return;
    }
    if (!isTold) report(`Indexing ${sampleDocuments.length} sample documents in the background …`);
    isTold = true;
    await sleep(POLL_MS);
  }
  report('The sample documents are still being indexed; GET …/documents shows their progress.');
}

async function allDocuments(
  target: SeedTarget,
  knowledgeBaseIds: ReadonlyMap<string, string>,
): Promise<KnowledgeDocument[]> {
  const lists = sampleKnowledgeBases.map(async ({ key, tenant }) =>
    documentsOf(await keeperOf(target, tenant), knowledgeBaseIds.get(key) ?? ''),
  );
  return (await Promise.all(lists)).flat();
}

function reportEnd(documents: readonly KnowledgeDocument[], report: (line: string) => void): void {
  for (const { name, status, error } of documents) {
    if (error) report(`${name} failed: ${error.reason}`);
    if (status === 'held') report(`${name} is held: a knowledge manager decides whether it is indexed.`);
  }
  report(`${documents.filter(({ status }) => status === 'ready').length} sample documents are ready. Ask away.`);
}
