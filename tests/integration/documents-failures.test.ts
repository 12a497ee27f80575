import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnowledgeDocument } from '../../shared/contracts/documents.ts';
import { makeXlsx } from '../unit/ingestion/extraction/make-office.ts';
import { rawPdf } from '../unit/ingestion/extraction/make-raw-pdf.ts';
import { type IngestionApp, startIngestionApp } from './support/ingestion-app.ts';
import {
  createKnowledgeBase,
  eventually,
  onboardTenant,
  settled,
  type TestPerson,
  type TestTenant,
  uploadAndWait,
} from './support/platform.ts';
import { makeDocx, makeEncryptedPdf, makePdf } from './support/sample-files.ts';
import { keyOf, paragraphs, smallChunks } from './support/stores.ts';

const MEGABYTE = 1024 * 1024;
const ATTEMPTS = 5;

let app: IngestionApp;
let tenant: TestTenant;
let keeper: TestPerson;
let knowledgeBaseId: string;
let path: string;

beforeAll(async () => {
  [app, tenant] = await Promise.all([startIngestionApp({ MAX_UPLOAD_MEGABYTES: '1' }), onboardTenant()]);
  keeper = await tenant.person(['KnowledgeManager'], { apiUrl: app.url });
  knowledgeBaseId = (await createKnowledgeBase(keeper, { chunking: smallChunks })).id;
  path = `/api/v1/knowledge-bases/${knowledgeBaseId}`;
});

afterAll(() => app.stop());

const word = () => `w${randomUUID().replaceAll('-', '').slice(0, 10)}`;
const upload = (name: string, content: Uint8Array | string) => uploadAndWait(keeper, knowledgeBaseId, name, content);

describe('an embedding model that fails', () => {
  it('fails a document after five attempts, which can be retried when the model is well again', async () => {
    const marker = word();
    const refusal = app.embeddings.refuse(marker, { status: 401 });
    const document = await upload('unlucky.txt', `The ${marker} is refused.`);
    expect(document).toMatchObject({ status: 'failed', liveVersion: null, error: { code: 'processing-failed' } });
    expect(document.error?.reason).toMatch(/five times.*Retry/);
    expect(app.embeddings.asked(marker)).toBe(ATTEMPTS);

    refusal.end();
    const retried = await keeper.call('POST', `${path}/documents/${document.id}/retry`);
    expect(retried).toMatchObject({ status: 202, body: { status: 'queued', error: null } });
    expect(await settled(keeper, document)).toMatchObject({ status: 'ready', liveVersion: 1, error: null });
    expect((await keeper.call('POST', `${path}/documents/${document.id}/retry`)).status).toBe(409);
  });

  it('slows a document down by throttling, and embeds nothing twice', async () => {
    const [marker, last] = [word(), word()];
    const throttled = { status: 429, headers: { 'retry-after-ms': '50' }, times: 2 };
    app.embeddings.refuse(last, throttled);
    const text = `${paragraphs(70, marker)}\n\nThe last paragraph is about ${last} and is embedded with the second batch.`;
    const document = await upload('throttled.txt', text);
    expect(document).toMatchObject({ status: 'ready', error: null });
    expect(app.embeddings.asked(last)).toBe(throttled.times + 1);
    expect(app.embeddings.asked(`Paragraph 0 about ${marker}`)).toBe(1);
  });

  it('is asked again after errors of its own', async () => {
    const marker = word();
    app.embeddings.refuse(marker, { status: 503, headers: { 'retry-after-ms': '0' }, times: 2 });
    expect(await upload('shaky.txt', `The ${marker} arrives in the end.`)).toMatchObject({ status: 'ready' });
  });
});

describe('a file that cannot be read', () => {
  const files: [string, string, () => Promise<Uint8Array> | Uint8Array, string][] = [
    ['asks for a password', 'secret.pdf', makeEncryptedPdf, 'encrypted'],
    ['is a scan', 'scan.pdf', () => makePdf(['', '']), 'no-text'],
    [
      'is HTML declared as PDF',
      'page.pdf',
      () => Buffer.from('<!doctype html><html>%PDF-1.7</html>'),
      'unsupported-type',
    ],
    ['is an SVG', 'image.svg', () => Buffer.from('<svg onload="alert(1)"></svg>'), 'unsupported-type'],
    ['is another archive', 'files.zip', () => zipSync({ 'a.txt': Buffer.from('a') }), 'unsupported-type'],
    ['is a program', 'run.txt', () => Buffer.from([0x4d, 0x5a, 0, 1, 2, 3, 0, 0, 0xff, 0xfe, 0]), 'unsupported-type'],
    ['is cut off', 'cut.docx', async () => (await makeDocx('Title', 'Text')).subarray(0, 900), 'damaged'],
    [
      'is a Word file with broken XML',
      'bad.docx',
      () => zipSync({ 'word/document.xml': Buffer.from('<w:document') }),
      'damaged',
    ],
    [
      'is a workbook that declares entities',
      'entities.xlsx',
      () => makeXlsx([], { prologue: '<!DOCTYPE a [<!ENTITY b "ha">]>', strings: '<si><t>&b;</t></si>' }),
      'damaged',
    ],
    [
      'has ten thousand pages',
      'endless.pdf',
      () =>
        rawPdf([
          '<</Type/Catalog/Pages 2 0 R>>',
          `<</Type/Pages/Count 10000/Kids[${'3 0 R '.repeat(10_000)}]>>`,
          '<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>',
        ]),
      'too-large',
    ],
    [
      'is an image, and nothing can read it',
      'photo.png',
      () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      'unsupported-type',
    ],
    ['is a broken PDF', 'broken.pdf', () => Buffer.from('%PDF-1.7\nnothing'), 'damaged'],
    ['is white space', 'blank.txt', () => Buffer.from(' \n\n\t\n'), 'empty'],
  ];

  it.concurrent.each(files)('fails with a reason: it %s', async (_, name, make, code) => {
    const document = await upload(name, await make());
    expect(document).toMatchObject({ status: 'failed', liveVersion: null, error: { code } });
    expect(document.error?.reason).toMatch(/^The file|^This type/);
    expect(await app.stores.vectors(keyOf(tenant.id, document))).toEqual([]);
  });

  it.concurrent('does not keep its neighbours from finishing', async () => {
    expect((await upload('fine.pdf', await makePdf(['A file that is fine.']))).status).toBe('ready');
  });
});

describe('a file over the limit', () => {
  const large = Buffer.alloc(MEGABYTE + 1, 'large text ');
  const fitting = Buffer.alloc(MEGABYTE, 'x');

  async function expectNothingLeft(own: string): Promise<void> {
    expect(await keeper.must('GET', `/api/v1/knowledge-bases/${own}/documents`)).toMatchObject({ items: [] });
    expect(await app.stores.blobs('documents', `${tenant.id}/${own}/`)).toEqual([]);
  }

  function multipart(content: Uint8Array): { type: string; body: Buffer } {
    const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
    return {
      type: 'multipart/form-data; boundary=b',
      body: Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--b--\r\n')]),
    };
  }

  async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
    for (let start = 0; start < bytes.length; start += 64 * 1024) yield bytes.subarray(start, start + 64 * 1024);
  }

  it.each(['with its length declared', 'in chunks'])('is refused as a form %s', async (how) => {
    const own = (await createKnowledgeBase(keeper)).id;
    const send = (content: Uint8Array) => {
      const { type, body } = multipart(content);
      const streamed = { body: Readable.toWeb(Readable.from(inPieces(body))), duplex: 'half' } as RequestInit;
      return keeper.fetch(`/api/v1/knowledge-bases/${own}/documents`, {
        method: 'POST',
        headers: { 'content-type': type },
        ...(how === 'in chunks' ? streamed : { body: new Uint8Array(body) }),
      });
    };
    for (const content of [large, Buffer.alloc(5 * MEGABYTE)]) {
      const response = await send(content);
      expect(response.status).toBe(413);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toMatchObject({ code: 'payload_too_large', details: { maxBytes: MEGABYTE } });
      await expectNothingLeft(own);
    }
    expect((await send(fitting)).status).toBe(202);
  });

  it('is refused when its upload through a link is completed', async () => {
    const own = (await createKnowledgeBase(keeper)).id;
    const begun = await keeper.must<{ document: KnowledgeDocument; uploadUrl: string }>(
      'POST',
      `/api/v1/knowledge-bases/${own}/uploads`,
      { name: 'large.txt' },
    );
    await fetch(begun.uploadUrl, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: large });
    const complete = `/api/v1/knowledge-bases/${own}/documents/${begun.document.id}/complete-upload`;
    expect(await keeper.call('POST', complete)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    await expectNothingLeft(own);
  });

  it('does not harm the version that is there', async () => {
    const document = await upload('kept.txt', 'The kept version.');
    const refused = await keeper.upload(`${path}/documents?documentId=${document.id}`, 'large.txt', large);
    expect(refused.status).toBe(413);
    expect(await settled(keeper, document)).toMatchObject({ status: 'ready', version: 1, liveVersion: 1 });
    const blobs = await app.stores.blobs('documents', `${tenant.id}/${knowledgeBaseId}/${document.id}/`);
    expect(blobs.every((name) => name.includes('/1/'))).toBe(true);
  });

  it('says why it was not taken when it was dropped', async () => {
    const own = (await createKnowledgeBase(keeper)).id;
    await app.stores.write('drop', `${tenant.id}/${own}/large.txt`, large);
    const document = await eventually(async () => {
      const page = await keeper.must<{ items: KnowledgeDocument[] }>('GET', `/api/v1/knowledge-bases/${own}/documents`);
      return page.items.find(({ status }) => status === 'failed');
    });
    expect(document.error).toMatchObject({ code: 'too-large', reason: expect.stringContaining('1 MB') });
    expect(await app.stores.blobs('documents', `${tenant.id}/${own}/`)).toEqual([]);
  });
});
