import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countBatchesDone } from '../../../shared/knowledge/batches.ts';
import {
  allBatchesDone,
  fail,
  finishBatch,
  hold,
  issueVersion,
  newDocument,
  queueVersion,
  recordLive,
  reindex,
  release,
  requeue,
  startDeleting,
  startEmbedding,
} from '../../../shared/knowledge/document-lifecycle.ts';
import type { StoredDocument } from '../../../shared/knowledge/document-repository.ts';

const now = '2026-01-01T00:00:00.000Z';
const livePlace = { liveIn: ['small'], now };
const created = newDocument({
  id: 'doc_01JD3Q5V4M8K2N6P9R1S7T0W3X',
  tenantId: 'ten_01JD3Q5V4M8K2N6P9R1S7T0W3X',
  knowledgeBaseId: 'kb_01JD3Q5V4M8K2N6P9R1S7T0W3X',
  name: 'a.txt',
  source: 'upload',
  createdBy: null,
  drop: null,
  access: null,
  now,
});
const chunked = (batchCount: number) => ({
  mediaType: 'text/plain',
  pageCount: null,
  chunkCount: batchCount,
  termCount: batchCount * 10,
  batchCount,
  findings: [],
  now,
});
const held = (hash: string, ...rules: string[]) => ({
  mediaType: 'text/plain',
  pageCount: null,
  chunkCount: 1,
  findings: [],
  reason: { hash, rules },
  now,
});

type Step = (document: StoredDocument) => StoredDocument | null;
const version = fc.integer({ min: 1, max: 4 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>(issueVersion),
  version.map(
    (v): Step =>
      (document) =>
        queueVersion(document, v, { size: 1, now }),
  ),
  fc.tuple(version, fc.integer({ min: 1, max: 3 })).map(
    ([v, n]): Step =>
      (document) =>
        startEmbedding(document, v, chunked(n)),
  ),
  fc.tuple(version, fc.integer({ min: 0, max: 4 })).map(
    ([v, b]): Step =>
      (document) =>
        finishBatch(document, v, b, now),
  ),
  version.map(
    (v): Step =>
      (document) =>
        recordLive(document, v, livePlace),
  ),
  version.map(
    (v): Step =>
      (document) =>
        fail(document, v, { code: 'x', reason: 'x' }, now),
  ),
  fc.constant<Step>((document) => requeue(document, now)),
  fc.tuple(version, fc.constantFrom('a', 'b')).map(
    ([v, hash]): Step =>
      (document) =>
        hold(document, v, held(hash, 'secret/github')),
  ),
  version.map(
    (v): Step =>
      (document) =>
        release(document, v, now),
  ),
);
const steps = fc.array(
  fc.oneof(
    { weight: 20, arbitrary: anyStep },
    { weight: 1, arbitrary: fc.constant<Step>((document) => startDeleting(document, now)) },
  ),
  { maxLength: 40 },
);

/** A document through steps; those that do not apply change nothing. */
const through = (document: StoredDocument, ...path: Step[]) =>
  path.reduce((current, step) => step(current) ?? current, document);

const shareDone = ({ batches }: StoredDocument) => (batches ? countBatchesDone(batches) / batches.total : 0);

describe('a document, whatever steps come in whatever order', () => {
  it('never goes back to a lower version, lives on no version that never came, and finishes no more batches than there are', () => {
    fc.assert(
      fc.property(steps, (path) => {
        let document = created;
        for (const step of path) {
          const next = step(document) ?? document;
          expect(next.version).toBeGreaterThanOrEqual(document.version);
          expect(next.liveVersion ?? 0).toBeGreaterThanOrEqual(document.liveVersion ?? 0);
          expect(next.versionsIssued).toBeGreaterThanOrEqual(document.versionsIssued);
          expect(next.progress).toBeGreaterThanOrEqual(0);
          expect(next.progress).toBeLessThanOrEqual(1);
          expect(shareDone(next)).toBeLessThanOrEqual(1);
          if (next.status === 'ready') expect(next.liveVersion).toBe(next.version);
          if (next.status === 'failed') expect(next.error).not.toBeNull();
          document = next;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves `held` for nothing but the queue or its deletion', () => {
    fc.assert(
      fc.property(steps, anyStep, (path, step) => {
        const document = hold(through(created, ...path), 1, held('a', 'secret/github'));
        if (document) expect(through(document, step).status).toMatch(/^(held|queued|deleting)$/);
      }),
      { numRuns: 300 },
    );
  });

  it('never leaves `deleting`', () => {
    fc.assert(
      fc.property(steps, steps, (before, path) => {
        const deleting = through(through(created, ...before), (document) => startDeleting(document, now));
        expect(through(deleting, ...path)).toEqual(deleting);
      }),
    );
  });

  it('is the same when a step is repeated', () => {
    fc.assert(
      fc.property(steps, version, fc.integer({ min: 0, max: 2 }), (path, v, batch) => {
        const document = through(created, ...path);
        const repeatable: Step[] = [
          (one) => queueVersion(one, v, { size: 1, now }),
          (one) => finishBatch(one, v, batch, now),
          (one) => recordLive(one, v, livePlace),
          (one) => fail(one, v, { code: 'x', reason: 'x' }, now),
          (one) => hold(one, v, held('a', 'secret/github')),
          (one) => release(one, v, now),
        ];
        for (const step of repeatable) expect(through(document, step, step)).toEqual(through(document, step));
      }),
    );
  });
});

describe('a version', () => {
  const embedding = through(
    created,
    (document) => queueVersion(document, 1, { size: 9, now }),
    (document) => startEmbedding(document, 1, chunked(2)),
  );

  it('is ready when its last batch was done and it went live', () => {
    const half = through(embedding, (document) => finishBatch(document, 1, 1, now));
    expect([half.progress, allBatchesDone(half)]).toEqual([0.5, false]);
    const whole = through(half, (document) => finishBatch(document, 1, 0, now));
    expect([whole.status, allBatchesDone(whole)]).toEqual(['embedding', true]);
    expect(recordLive(whole, 1, livePlace)).toMatchObject({ status: 'ready', liveVersion: 1, progress: 1 });
  });

  it('keeps what was done when its chunks are sent again, unless they were cut anew', () => {
    const half = through(embedding, (document) => finishBatch(document, 1, 1, now));
    expect(startEmbedding(half, 1, chunked(2))?.batches).toEqual(half.batches);
    expect(startEmbedding(half, 1, chunked(1))?.batches).toEqual({ total: 1 });
  });

  it('takes no batch of an earlier, longer cut', () => {
    expect(finishBatch(embedding, 1, 2, now)).toBeNull();
  });

  it('that is past does nothing, and answers until the newer one is whole', () => {
    const overtaken = through(embedding, (document) => queueVersion(document, 2, { size: 9, now }));
    expect(finishBatch(overtaken, 1, 0, now)).toBeNull();
    expect(fail(overtaken, 1, { code: 'x', reason: 'x' }, now)).toBeNull();
    expect(recordLive(overtaken, 1, livePlace)).toMatchObject({ status: 'queued', version: 2, liveVersion: 1 });
  });
});

describe('a held version', () => {
  const queued = through(created, (document) => queueVersion(document, 1, { size: 9, now }));
  const reason = held('text', 'secret/github');
  const waiting = through(queued, (document) => hold(document, 1, reason));
  const released = through(waiting, (document) => release(document, 1, now));

  it('is not embedded, failed or made live by anything that was on its way', () => {
    expect(waiting).toMatchObject({ status: 'held', progress: 0, batches: null });
    expect(startEmbedding(waiting, 1, chunked(2))).toBeNull();
    expect(fail(waiting, 1, { code: 'x', reason: 'x' }, now)).toBeNull();
    expect(recordLive(waiting, 1, livePlace)).toBeNull();
  });

  it('is queued once it is released, and a release that is repeated changes nothing', () => {
    expect(released).toMatchObject({ status: 'queued', hold: null });
    expect(release(released, 1, now)).toEqual(released);
    expect(release(queued, 1, now)).toBeNull();
    expect(release(waiting, 2, now)).toBeNull();
  });

  it('is not held again for what was let pass, not even as a later version, but for anything else', () => {
    const again = through(released, (document) => queueVersion(document, 2, { size: 9, now }));
    expect(hold(released, 1, reason)).toBeNull();
    expect(hold(again, 2, reason)).toBeNull();
    expect(hold(again, 2, held('another text', 'secret/github'))?.status).toBe('held');
    expect(hold(again, 2, held('text', 'secret/github', 'secret/slack'))?.status).toBe('held');
  });

  it('lets the version before it go on answering', () => {
    const live = through(
      queued,
      (document) => startEmbedding(document, 1, chunked(1)),
      (document) => finishBatch(document, 1, 0, now),
      (document) => recordLive(document, 1, livePlace),
      (document) => queueVersion(document, 2, { size: 9, now }),
      (document) => hold(document, 2, reason),
    );
    expect(live).toMatchObject({ status: 'held', version: 2, liveVersion: 1 });
  });

  it('that is live is not held when it is indexed again', () => {
    const live = through(
      queued,
      (document) => startEmbedding(document, 1, chunked(1)),
      (document) => finishBatch(document, 1, 0, now),
      (document) => recordLive(document, 1, livePlace),
    );
    const again = reindex(live, 1, now);
    expect(again).toMatchObject({ status: 'queued', screened: 1 });
    expect(again && hold(again, 1, reason)).toBeNull();
  });

  it('that is embedded already is not held by the same message when it comes again', () => {
    const embedding = startEmbedding(queued, 1, chunked(2));
    expect(embedding && hold(embedding, 1, reason)).toBeNull();
  });
});
