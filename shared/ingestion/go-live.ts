import type { AuditLog } from '../audit/audit-log.ts';
import { recordDocumentLife } from '../audit/record-document-life.ts';
import { alignPassages, makeVersionLive } from '../knowledge/align-passages.ts';
import type { BlobStore } from '../knowledge/blob-store.ts';
import { changeDocument } from '../knowledge/change-document.ts';
import { versionPrefix } from '../knowledge/document-blobs.ts';
import { embedAgain, isLiveIn, recordLive } from '../knowledge/document-lifecycle.ts';
import type { DocumentKey, DocumentRepository, StoredDocument } from '../knowledge/document-repository.ts';
import { keyOf } from '../knowledge/document-source.ts';
import type { IngestionQueues } from '../knowledge/ingestion-queues.ts';
import type { KnowledgeBaseRepository } from '../knowledge/knowledge-base-repository.ts';
import { modelsOf } from '../knowledge/knowledge-base-spaces.ts';
import type { VectorStore } from '../knowledge/vector-store.ts';
import { metrics } from '../telemetry/metrics.ts';
import { tenantLabel } from '../telemetry/tenant-label.ts';
import type { Versioned } from '../versioned.ts';
import { cleanUpIfPast } from './clean-up.ts';

/** Old versions whose files are looked for; those before were swept when their successors went live. */
const SWEPT_VERSIONS = 20;
/** Longer than any search may take that read before the switch of a move where its knowledge base lives. */
export const SWEEP_SECONDS = 120;

export interface GoLiveOptions {
  readonly repository: DocumentRepository;
  readonly knowledgeBases: Pick<KnowledgeBaseRepository, 'find'>;
  readonly blobs: BlobStore;
  readonly vectorStore: VectorStore;
  readonly queues: IngestionQueues;
  readonly audit: AuditLog;
  readonly now: () => Date;
}

/** The end of a document's way: a version whose batches are all stored becomes the one that is found. */
export interface GoLive {
  goLive(document: Versioned<StoredDocument>, version: number): Promise<void>;
  /** What follows, also when a crash came before it. */
  sweep(document: StoredDocument, version: number): Promise<void>;
}

export function createGoLive(options: GoLiveOptions): GoLive {
  const { repository, knowledgeBases, blobs, vectorStore, queues, audit, now } = options;

  /** Where the version is whole, of the spaces that its knowledge base lives in now. */
  async function wholeIn(document: StoredDocument, version: number, models: readonly string[]): Promise<string[]> {
    const key = keyOf(document);
    const counts = await Promise.all(models.map((model) => vectorStore.countVersion({ model }, key, version)));
    return models.filter((_, position) => (counts[position] ?? 0) >= (document.chunkCount ?? 0));
  }

  /** The knowledge base has moved since the first batches were embedded. */
  async function startAgain(key: DocumentKey, version: number): Promise<void> {
    const again = await changeDocument(repository, key, (document) =>
      embedAgain(document, version, now().toISOString()),
    );
    const total = again?.value.batches?.total ?? 0;
    await queues.chunkEmbed(Array.from({ length: total }, (_, batch) => ({ ...key, version, batch })));
  }

  /** A knowledge base may have begun to move, or moved, while the version went live. */
  async function catchUp(document: StoredDocument): Promise<void> {
    const { documentId, ...key } = keyOf(document);
    const knowledgeBase = (await knowledgeBases.find(key.tenantId, key.knowledgeBaseId))?.value;
    const missing = knowledgeBase ? modelsOf(knowledgeBase).filter((model) => !isLiveIn(document, model)) : [];
    if (!knowledgeBase || missing.length === 0 || document.liveVersion === null) return;
    const message = { ...key, startedAt: knowledgeBase.reindex?.startedAt ?? now().toISOString() };
    const step = { kind: 'document', documentId, version: document.liveVersion, batch: 0 } as const;
    await queues.reindex({ ...message, step });
    await queues.reindex({ ...message, step: { kind: 'sweep' } }, SWEEP_SECONDS);
  }

  async function sweep(document: StoredDocument, version: number): Promise<void> {
    const key = keyOf(document);
    await catchUp(document);
    // Writes nothing, and so announces nothing, unless something went wrong.
    await alignPassages(options, key);
    for (let old = version - 1; old >= Math.max(1, version - SWEPT_VERSIONS); old -= 1) {
      await blobs.removePrefix('documents', versionPrefix(key, old));
    }
  }

  return {
    sweep,
    async goLive(finished, version) {
      const document = finished.value;
      const key = keyOf(document);
      const knowledgeBase = await knowledgeBases.find(key.tenantId, key.knowledgeBaseId);
      // It was deleted; its documents follow.
      if (!knowledgeBase) return;
      const liveIn = await wholeIn(document, version, modelsOf(knowledgeBase.value));
      if (!liveIn.includes(knowledgeBase.value.embeddingModel)) return startAgain(key, version);
      const spaces = liveIn.map((model) => ({ model }));
      await makeVersionLive(options, key, version, spaces);
      const record = (current: StoredDocument) => recordLive(current, version, { liveIn, now: now().toISOString() });
      const live = await changeDocument(repository, key, record, finished);
      if (live) {
        metrics.documents.add(1, { outcome: 'ready', tenant: tenantLabel(key.tenantId) });
        await recordDocumentLife(audit, key, { action: 'document.ready', details: { version } });
      }
      await (live ? sweep(live.value, version) : cleanUpIfPast(options, key, version));
    },
  };
}
