import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { type DocumentPipeline, startDocumentPipeline, word } from './support/document-pipeline.ts';
import { createKnowledgeBase, onboardTenant, settled, uploadAndWait } from './support/platform.ts';
import { paragraphs, smallChunks } from './support/stores.ts';

const CHUNKS = 80;

let pipeline: DocumentPipeline;

beforeAll(async () => {
  pipeline = await startDocumentPipeline();
});
afterAll(() => pipeline.app.stop());

const embedded = (marker: string) => pipeline.app.embeddings.embedded(marker);
const replaced = (text: string, from: string, to: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe('a service that is throttled', () => {
  it('slows a document down for longer than five deliveries, fails nothing and repeats nothing', async () => {
    const [marker, last] = [word(), word()];
    // A delivery asks five times at most, and five failed deliveries would end as a failed document.
    const refusals = { status: 429, headers: { 'retry-after-ms': '20' }, times: 28 };
    pipeline.app.embeddings.refuse(last, refusals);
    const document = await pipeline.ready(`${paragraphs(70, marker)}\n\nThe end of ${marker} is about ${last}.`);
    expect(document).toMatchObject({ status: 'ready', error: null });
    expect(pipeline.app.embeddings.asked(last)).toBe(refusals.times + 1);
    expect(embedded(marker)).toHaveLength(71);
    await pipeline.app.quiet();
    await pipeline.expectOneSet(document, 1, 71);
  });
});

describe('a text that the tenant has embedded before', () => {
  it('is not embedded again when a document comes a second time, nor counted', async () => {
    const marker = word();
    const text = paragraphs(CHUNKS, marker);
    await pipeline.ready(text);
    expect(embedded(marker)).toHaveLength(CHUNKS);
    const other = await createKnowledgeBase(pipeline.keeper, { chunking: smallChunks });
    const again = await uploadAndWait(pipeline.keeper, other.id, 'file.txt', text);
    expect(again).toMatchObject({ status: 'ready', chunkCount: CHUNKS });
    expect(embedded(marker)).toHaveLength(CHUNKS);
    const path = `/api/v1/knowledge-bases/${other.id}/query`;
    const found = await pipeline.keeper.must<{ results: { scores: { dense: number } }[] }>('POST', path, {
      query: `Paragraph 3 about ${marker}`,
    });
    expect(found.results[0]?.scores.dense).toBeGreaterThan(0);
  });

  it('is embedded once when it stands in a document many times', async () => {
    const marker = word();
    const notice = `Notice of ${marker}: this page is confidential and for the staff of the company alone, so do not give it away.`;
    const pages = paragraphs(CHUNKS).split('\n\n');
    const document = await pipeline.ready(pages.flatMap((page) => [page, notice]).join('\n\n'));
    expect(document.chunkCount).toBe(2 * CHUNKS);
    expect(embedded(marker)).toHaveLength(1);
    await pipeline.expectOneSet(document, 1, 2 * CHUNKS);
  });

  it('is embedded for each tenant by itself', async () => {
    const marker = word();
    const text = paragraphs(2, marker);
    await pipeline.ready(text);
    const stranger = await (await onboardTenant()).person(['KnowledgeManager'], { apiUrl: pipeline.app.url });
    const theirs = await createKnowledgeBase(stranger, { chunking: smallChunks });
    expect(await uploadAndWait(stranger, theirs.id, 'same.txt', text)).toMatchObject({ status: 'ready' });
    expect(embedded(marker)).toHaveLength(4);
  });

  it('is embedded again once the last document with it is gone', async () => {
    const marker = word();
    const text = paragraphs(2, marker);
    const document = await pipeline.ready(text);
    const path = `/api/v1/knowledge-bases/${document.knowledgeBaseId}/documents/${document.id}`;
    expect((await pipeline.keeper.call('DELETE', path)).status).toBe(202);
    await pipeline.app.quiet();
    await pipeline.ready(text);
    expect(embedded(marker)).toHaveLength(4);
  });
});

describe('a changed document', () => {
  it('has only the paragraphs embedded that changed', async () => {
    const marker = word();
    const text = paragraphs(CHUNKS, marker);
    const first = await pipeline.ready(text);
    const changed = replaced(text, `Paragraph 41 about ${marker}: lorem`, `Paragraph 41 about ${marker}: LOREM`);
    const second = await settled(pipeline.keeper, await pipeline.upload(changed, first));
    expect(second).toMatchObject({ status: 'ready', liveVersion: 2 });
    expect(embedded(marker).slice(CHUNKS)).toEqual([expect.stringContaining(`Paragraph 41 about ${marker}: LOREM`)]);
    await pipeline.expectOneSet(second, 2);
  });

  it('has only the section embedded in which something was inserted, when it is cut by its structure', async () => {
    const marker = word();
    const sections = Array.from({ length: 12 }, (_, index) => `# Section ${index} of ${marker}\n\n${paragraphs(6)}`);
    const structured = { strategy: 'structure', maxTokens: 120, overlapTokens: 20 };
    const { id } = await createKnowledgeBase(pipeline.keeper, { chunking: structured });
    const first = await uploadAndWait(pipeline.keeper, id, 'handbook.md', sections.join('\n\n'));
    const before = embedded(marker).length;
    expect(before).toBe(first.chunkCount);
    const longer = `${sections[5]}\n\nA new paragraph comes into this section.`;
    const content = sections.with(5, longer.replace('\n\n', '\n\nAnother begins it.\n\n')).join('\n\n');
    const path = `/api/v1/knowledge-bases/${id}/documents?documentId=${first.id}`;
    const { body } = await pipeline.keeper.upload<typeof first>(path, 'handbook.md', Buffer.from(content));
    expect(await settled(pipeline.keeper, body)).toMatchObject({ status: 'ready', liveVersion: 2 });
    const fresh = embedded(marker).slice(before);
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.every((text) => text.includes(`Section 5 of ${marker}`))).toBe(true);
  });
});

describe('what embedding costs', () => {
  it('is metered for what was embedded alone', async () => {
    const tenant = await onboardTenant();
    const roles = ['KnowledgeManager', 'FinanceViewer'] as const;
    const keeper = await tenant.person(roles, { apiUrl: pipeline.app.url });
    const { id } = await createKnowledgeBase(keeper, { chunking: smallChunks });
    const text = paragraphs(3);
    for (const _ of [1, 2, 3]) await uploadAndWait(keeper, id, 'same.txt', text);
    await pipeline.app.quiet();
    const day = new Date().toISOString().slice(0, 10);
    const report = await keeper.must<UsageReport>('GET', `/api/v1/admin/usage?from=${day}&to=${day}&groupBy=kind`);
    expect(report.groups).toMatchObject([{ group: 'ingestion', calls: 1, inputTokens: 1 }]);
  });
});
