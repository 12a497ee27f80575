import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExtractionError } from '../../../../shared/ingestion/extraction/extraction-error.ts';
import {
  createExtractor,
  type Extractor,
  type ExtractorOptions,
} from '../../../../shared/ingestion/extraction/extractor.ts';
import { bytesOf } from './extracted-blocks.ts';
import { makePackage, makePptx, makeXlsx, shape } from './make-office.ts';
import { makePdf } from './make-pdf.ts';

const open: Extractor[] = [];

function start(options: ExtractorOptions): Extractor {
  const extractor = createExtractor(options);
  open.push(extractor);
  return extractor;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((extractor) => extractor.close()));
});

// Deep quotes are expensive to take apart: many lines of them outlast any short deadline.
function slowMarkdown(lines: number): Uint8Array {
  return bytesOf(`${'> '.repeat(300)}deep\n`.repeat(lines));
}

/** One page whose content inflates to spaces: nothing for the parser to keep but the buffer. */
function inflatingPdf(megabytes: number): Uint8Array {
  const content = deflateSync(Buffer.alloc(megabytes * 1024 * 1024, 0x20), { level: 9 });
  return Buffer.concat([
    bytesOf(
      '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n' +
        '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n' +
        `4 0 obj<</Filter/FlateDecode/Length ${content.length}>>stream\n`,
    ),
    content,
    bytesOf('\nendstream endobj\ntrailer<</Root 1 0 R>>'),
  ]);
}

describe('extracting in threads', () => {
  it('reads many files at once with few threads, and gives each its own text', async () => {
    const extractor = start({ concurrency: 2 });
    const texts = Array.from({ length: 12 }, (_, index) => `This is file number ${index}.`);
    const documents = await Promise.all(texts.map((text) => extractor.extract(bytesOf(text), { fileName: 'a.txt' })));
    expect(documents.map(({ text }) => text)).toEqual(texts);
  });

  it('keeps the code and the message of a failure', async () => {
    const extractor = start({ concurrency: 1, limits: { maxPages: 1 } });
    const long = await makePdf([[{ text: 'a', x: 9, y: 9 }], []]);
    await expect(extractor.extract(long, { fileName: 'a.pdf' })).rejects.toMatchObject({
      name: 'ExtractionError',
      code: 'too-large',
      message: expect.stringContaining('2 pages'),
    });
  });

  it('does not take memory that the bytes share with others', async () => {
    const extractor = start({ concurrency: 1 });
    const pooled = Buffer.from('small and pooled');
    await extractor.extract(pooled, { fileName: 'a.txt' });
    expect(pooled.toString()).toBe('small and pooled');
  });

  it('ends a file that takes too long, and the next one finishes', async () => {
    const extractor = start({ concurrency: 1, limits: { timeoutMilliseconds: 1_500 } });
    const slow = extractor.extract(slowMarkdown(3_000), { fileName: 'slow.md' });
    const next = extractor.extract(bytesOf('fine'), { fileName: 'a.txt' });
    await expect(slow).rejects.toMatchObject({ code: 'timed-out' });
    expect((await next).text).toBe('fine');
  });

  it('ends a file that takes too much memory, on the heap or beside it, and its neighbour finishes', async () => {
    const extractor = start({ concurrency: 2, limits: { maxHeapMegabytes: 64 } });
    const onHeap = extractor.extract(slowMarkdown(3_000), { fileName: 'big.md' });
    const neighbour = extractor.extract(bytesOf('fine'), { fileName: 'a.txt' });
    await expect(onHeap).rejects.toMatchObject({ code: 'too-large' });
    expect((await neighbour).text).toBe('fine');
    const beside = extractor.extract(inflatingPdf(300), { fileName: 'bomb.pdf' });
    await expect(beside).rejects.toMatchObject({ code: 'too-large' });
  });

  it('ends bombs of every kind of archive, and their neighbours finish', async () => {
    const extractor = start({ concurrency: 2, limits: { maxDecompressedBytes: 5_000_000 } });
    const long = 'a'.repeat(20_000_000);
    const bombs: Array<[string, Uint8Array]> = [
      ['a.docx', makePackage({ 'word/document.xml': long })],
      ['a.xlsx', makeXlsx([{ name: 'S', xml: `<sheetData><row><c t="str"><v>${long}</v></c></row></sheetData>` }])],
      ['a.pptx', makePptx([{ xml: shape([long]) }])],
    ];
    const bombed = bombs.map(([fileName, bytes]) => extractor.extract(bytes, { fileName }));
    const neighbours = bombs.map(() => extractor.extract(bytesOf('fine'), { fileName: 'a.txt' }));
    const codes = (await Promise.allSettled(bombed)).map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as ExtractionError).code : 'read',
    );
    expect(codes).toEqual(['too-large', 'too-large', 'too-large']);
    expect((await Promise.all(neighbours)).map(({ text }) => text)).toEqual(['fine', 'fine', 'fine']);
  });

  it('refuses what still waits when it is closed', async () => {
    const extractor = start({ concurrency: 1 });
    const running = extractor.extract(slowMarkdown(200), { fileName: 'slow.md' });
    const waiting = extractor.extract(bytesOf('later'), { fileName: 'a.txt' });
    const outcomes = Promise.allSettled([running, waiting]);
    await extractor.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(extractor.extract(bytesOf('x'), { fileName: 'a.txt' })).rejects.toMatchObject({
      code: 'dependency_unavailable',
    });
  });
});
