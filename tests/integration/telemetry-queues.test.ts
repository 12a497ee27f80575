import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { documentsPath } from './support/document-pipeline.ts';
import { type IngestionApp, startIngestionApp } from './support/ingestion-app.ts';
import { type OtlpCollector, pathsOf, startOtlpCollector } from './support/otlp-collector.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  settled,
  type TestPerson,
  type TestTenant,
} from './support/platform.ts';
import { keyOf, paragraphs, smallChunks } from './support/stores.ts';

const UPLOAD = 'POST /api/v1/knowledge-bases/{knowledgeBaseId}/documents';
const CHUNK = `${UPLOAD} > send document-chunk > process document-chunk`;
const EMBED = `${CHUNK} > send chunk-embed > process chunk-embed`;

let collector: OtlpCollector;
let app: IngestionApp;
let tenant: TestTenant;
let keeper: TestPerson;
let knowledgeBaseId: string;

beforeAll(async () => {
  collector = await startOtlpCollector();
  app = await startIngestionApp({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  tenant = await onboardTenant();
  keeper = await tenant.person(['KnowledgeManager'], { apiUrl: app.url });
  ({ id: knowledgeBaseId } = await createKnowledgeBase(keeper, { chunking: smallChunks }));
});
afterAll(async () => {
  await app?.stop();
  await collector?.stop();
});

async function upload(traceId: string): Promise<KnowledgeDocument> {
  const form = new FormData();
  form.set('file', new File([paragraphs(80)], 'file.txt'));
  const response = await keeper.fetch(documentsPath(knowledgeBaseId), {
    method: 'POST',
    body: form,
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });
  expect(response.status).toBe(202);
  return (await response.json()) as KnowledgeDocument;
}

it('makes one trace of a document, from its upload through all queues until it is ready', async () => {
  const traceId = randomBytes(16).toString('hex');
  const document = await upload(traceId);
  expect(await settled(keeper, document)).toMatchObject({ status: 'ready' });
  const spans = await collector.trace(traceId, 'go live', 'process usage-events');
  expect(pathsOf(spans)).toEqual(
    expect.arrayContaining([
      CHUNK,
      `${CHUNK} > extract`,
      `${CHUNK} > chunk`,
      EMBED,
      `${EMBED} > reserve`,
      `${EMBED} > index`,
      `${EMBED} > go live`,
      `${EMBED} > send usage-events > process usage-events`,
    ]),
  );
  expect(pathsOf(spans).filter((path) => path === EMBED)).toHaveLength(2);
  expect(spans.find(({ name }) => name === 'process chunk-embed')).toMatchObject({
    kind: 5,
    attributes: {
      'messaging.system': 'azure_storage_queue',
      'messaging.destination.name': 'chunk-embed',
      'messaging.operation.type': 'process',
      'platform.tenant.id': tenant.id,
      'platform.document.id': document.id,
      'platform.attempt': 1,
    },
  });
});

it('works on a message that was sent without a trace, in one of its own', async () => {
  const traceId = randomBytes(16).toString('hex');
  const document = await upload(traceId);
  await settled(keeper, document);
  await app.stores.send('document-chunk', { ...keyOf(tenant.id, document), version: 1 });
  const worked = await eventually(async () =>
    collector
      .spans()
      .find(
        (span) =>
          span.name === 'process document-chunk' &&
          span.attributes['platform.document.id'] === document.id &&
          span.traceId !== traceId,
      ),
  );
  expect(worked.status.code ?? 0).toBe(0);
  expect(await app.stores.waiting('document-chunk-poison')).toBe(0);
});
