import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTextRecognitionDependency } from '../../shared/adapters/document-intelligence/dependency.ts';
import { createTextRecognition } from '../../shared/adapters/document-intelligence/text-recognition.ts';
import type { Readiness } from '../../shared/contracts/health.ts';
import type { UsageReport } from '../../shared/contracts/usage.ts';
import { type Answer, json, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { type IngestionApp, startIngestionApp } from './support/ingestion-app.ts';
import { createKnowledgeBase, eventually, onboardTenant, type TestPerson, uploadAndWait } from './support/platform.ts';
import { makePdf } from './support/sample-files.ts';

const LIMITS = {
  tries: 3,
  firstDelay: 5,
  longestDelay: 20,
  pollInterval: 5,
  longestPollInterval: 20,
  deadline: 5_000,
};
const ANALYSIS = '/documentintelligence/documentModels/prebuilt-layout/analyzeResults/7?api-version=2024-11-30';

let server: ScriptedServer;

beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const accepted = (url = server.url) => json(202, {}, { 'operation-location': `${url}${ANALYSIS}` });
const running = json(200, { status: 'running' }, { 'retry-after': '0' });
const region = (pageNumber: number) => [{ pageNumber, polygon: [0, 0, 1, 0, 1, 1, 0, 1] }];

/** A result as the service gives it: what a table says stands among the paragraphs too. */
function succeeded(): Answer {
  const said: Array<[string, string | undefined, number]> = [
    ['ACME confidential', 'pageHeader', 1],
    ['Travel policy', 'title', 1],
    ['Claims', 'sectionHeading', 1],
    ['Paid within thirty days.', undefined, 1],
    ['City', undefined, 1],
    ['Fare', undefined, 1],
    ['Oslo', undefined, 1],
    ['120', undefined, 1],
    ['• keep receipts', undefined, 2],
    ['7', 'pageNumber', 2],
  ];
  let offset = 0;
  const paragraphs = said.map(([content, role, page]) => {
    const spans = [{ offset, length: content.length }];
    offset += content.length + 1;
    return { content, ...(role && { role }), spans, boundingRegions: region(page) };
  });
  const start = paragraphs[4]?.spans[0]?.offset ?? 0;
  const end = paragraphs[8]?.spans[0]?.offset ?? 0;
  const cells = ['City', 'Fare', 'Oslo', '120'].map((content, index) => ({
    rowIndex: Math.floor(index / 2),
    columnIndex: index % 2,
    content,
  }));
  return json(200, {
    status: 'succeeded',
    analyzeResult: {
      apiVersion: '2024-11-30',
      content: said.map(([content]) => content).join('\n'),
      pages: [{ pageNumber: 1 }, { pageNumber: 2 }],
      paragraphs,
      tables: [
        {
          rowCount: 2,
          columnCount: 2,
          cells,
          spans: [{ offset: start, length: end - start }],
          boundingRegions: region(1),
        },
      ],
    },
  });
}

/** A service that is well, however often it is asked: a message may come twice. */
const working: Answer = (response, request) =>
  (request.method === 'POST' ? accepted() : succeeded())(response, request);

describe('Azure Document Intelligence', () => {
  const recognize = (key: string | undefined = 'secret') =>
    createTextRecognition({ endpoint: server.url, key }, LIMITS).recognize(Buffer.from('a scan'));

  it('sends the file, asks until it is read, and keeps headings, tables and pages', async () => {
    server.answer(accepted(), running, running, succeeded());
    expect(await recognize()).toEqual({
      pageCount: 2,
      blocks: [
        { kind: 'heading', text: 'Travel policy', level: 1, page: 1 },
        { kind: 'heading', text: 'Claims', level: 2, page: 1 },
        { kind: 'paragraph', text: 'Paid within thirty days.', page: 1 },
        { kind: 'table-row', text: 'City | Fare', page: 1 },
        { kind: 'table-row', text: 'Oslo | 120', page: 1 },
        { kind: 'list-item', text: '• keep receipts', page: 2 },
      ],
    });
    const [sent, ...polls] = server.requests;
    expect(sent).toMatchObject({ method: 'POST', body: 'a scan' });
    expect(sent?.path).toContain('/documentModels/prebuilt-layout:analyze?api-version=2024-11-30');
    expect(sent?.headers).toMatchObject({
      'ocp-apim-subscription-key': 'secret',
      'content-type': 'application/octet-stream',
    });
    expect(polls.map(({ method, path }) => [method, path])).toEqual(Array(3).fill(['GET', ANALYSIS]));
  });

  it('waits while it is throttled or fails in passing, and gives up as busy', async () => {
    const busy = json(429, {}, { 'retry-after': '0' });
    server.answer(busy, accepted(), json(503, {}), succeeded());
    expect((await recognize())?.pageCount).toBe(2);

    server.answer(json(429, {}, { 'retry-after': '30' }));
    await expect(recognize()).rejects.toMatchObject({ code: 'dependency_unavailable', retryAfterSeconds: 30 });
    expect(server.requests).toHaveLength(LIMITS.tries);
    server.answer(json(429, {}, { 'retry-after-ms': '1500' }));
    await expect(recognize()).rejects.toMatchObject({ retryAfterSeconds: 2 });
  });

  it.each([
    ['refuses the file', [json(400, { error: { code: 'InvalidRequest' } })]],
    ['finds it too large', [json(413, {})]],
    ['fails to read it', [json(202, {}), json(200, { status: 'failed', error: { code: 'InvalidContent' } })]],
  ])('says that nothing can be read when the service %s', async (_, answers) => {
    server.answer(...answers.map((answer, index) => (answers.length === 2 && index === 0 ? accepted() : answer)));
    expect(await recognize()).toBeNull();
  });

  it.each([
    ['has another key', [json(401, {})]],
    ['failed itself', [accepted, json(200, { status: 'failed', error: { code: 'InternalServerError' } })]],
    ['forgot the file', [accepted, json(404, {})]],
    ['answers with something else', [accepted, json(200, { status: 'odd' })]],
    ['names no place', [json(202, {})]],
  ])('is to be tried later when the service %s', async (_, answers) => {
    server.answer(...answers.map((answer) => (answer === accepted ? accepted() : (answer as Answer))));
    await expect(recognize()).rejects.toMatchObject({ code: 'dependency_unavailable' });
  });

  it('never sends its key to another host', async () => {
    const other = await startScriptedServer();
    server.answer(accepted(other.url));
    await expect(recognize()).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  it('ends at its deadline', async () => {
    server.answer(accepted(), json(200, { status: 'running' }));
    const slow = createTextRecognition({ endpoint: server.url, key: 'secret' }, { ...LIMITS, deadline: 100 });
    await expect(slow.recognize(Buffer.from('a scan'))).rejects.toMatchObject({ code: 'dependency_unavailable' });
  });

  it('is ready when it answers and accepts the key', async () => {
    const dependency = createTextRecognitionDependency({ endpoint: server.url, key: 'secret' });
    server.answer(json(200, {}), json(401, {}));
    await dependency.check(AbortSignal.timeout(5_000));
    await expect(dependency.check(AbortSignal.timeout(5_000))).rejects.toThrow('401');
  });
});

describe('scans and images, when a service can read them', () => {
  let app: IngestionApp;
  let keeper: TestPerson;
  let knowledgeBaseId: string;

  beforeAll(async () => {
    const settings = { DOCUMENT_INTELLIGENCE_ENDPOINT: server.url, DOCUMENT_INTELLIGENCE_KEY: 'secret' };
    const [started, tenant] = await Promise.all([startIngestionApp(settings), onboardTenant()]);
    app = started;
    keeper = await tenant.person(['KnowledgeManager', 'FinanceViewer'], { apiUrl: app.url });
    knowledgeBaseId = (await createKnowledgeBase(keeper)).id;
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    await app.quiet();
    server.answer(working);
  });

  const upload = (name: string, content: Uint8Array) => uploadAndWait(keeper, knowledgeBaseId, name, content);
  const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(20)]);

  it('are read and found', async () => {
    const scan = await upload('scan.pdf', await makePdf(['', '']));
    expect(scan).toMatchObject({ status: 'ready', mediaType: 'application/pdf', pageCount: 2 });
    expect(Buffer.from(server.requests[0]?.body ?? '').toString()).toMatch(/^%PDF-/);
    const found = await keeper.must<{ results: { documentId: string; page: number | null }[] }>(
      'POST',
      `/api/v1/knowledge-bases/${knowledgeBaseId}/query`,
      { query: 'Claims paid within thirty days', limit: 5 },
    );
    expect(found.results.find(({ documentId }) => documentId === scan.id)).toMatchObject({ page: 1 });
    expect(await upload('photo.png', PNG)).toMatchObject({ status: 'ready', mediaType: 'image/png' });
  });

  it('wait in the queue while the service is down, and say what is wrong with the file when it is', async () => {
    let failures = 10;
    const down = json(503, {}, { 'retry-after': '0' });
    server.answer((response, request) => (failures-- > 0 ? down : working)(response, request));
    expect(await upload('later.png', PNG)).toMatchObject({ status: 'ready' });
    server.answer(json(400, {}));
    expect(await upload('blank.png', PNG)).toMatchObject({ status: 'failed', error: { code: 'no-text' } });
  });

  it('are metered by the page, for their knowledge base and whoever uploaded them', async () => {
    const { id } = await createKnowledgeBase(keeper);
    await uploadAndWait(keeper, id, 'scan.pdf', await makePdf(['', '']));
    const [from, to] = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
    const path = `/api/v1/admin/usage?from=${from}&to=${to}`;
    const report = (groupBy: string) => keeper.must<UsageReport>('GET', `${path}&groupBy=${groupBy}`);
    const group = async (groupBy: string, name: string) =>
      (await report(groupBy)).groups.find((one) => one.group === name);

    const base = await eventually(async () => {
      const found = await group('knowledge-base', id);
      return found?.units === 2 ? found : undefined;
    });
    expect(base.costMicroUsd).toBeGreaterThanOrEqual(2 * 10_000);
    const kind = await group('kind', 'recognition');
    expect(kind).toMatchObject({ inputTokens: 0, costMicroUsd: (kind?.units ?? 0) * 10_000 });
    expect(await group('user', keeper.oid)).toMatchObject({ units: kind?.units });
    const { body } = await keeper.call<string>('GET', `${path}&format=focus`);
    const [columns = '', ...rows] = body.split('\r\n').map((line) => line.split(','));
    const charged = rows.find((row) => row.includes('prebuilt-layout') && row.some((cell) => cell.includes(id)));
    expect(['ConsumedQuantity', 'ConsumedUnit'].map((name) => charged?.[columns.indexOf(name)])).toEqual([
      '2',
      'Pages',
    ]);
  });

  it('are not sent anywhere when a budget has no room for a page', async () => {
    const poor = await onboardTenant('Poor', { tenantBudgets: { day: { microUsd: 9_999, hard: true } } });
    const owner = await poor.person(['KnowledgeManager'], { apiUrl: app.url });
    const { id } = await createKnowledgeBase(owner);
    const scan = await uploadAndWait(owner, id, 'scan.pdf', await makePdf(['']));

    expect(scan).toMatchObject({ status: 'failed', error: { code: 'limits-too-small' } });
    expect(server.requests).toEqual([]);
  });

  it('are no reason to ask when a file has text', async () => {
    expect(await upload('text.pdf', await makePdf(['Some text.']))).toMatchObject({ status: 'ready' });
    expect(server.requests).toEqual([]);
  });

  it('shows the service among the dependencies', async () => {
    server.answer(json(200, {}));
    const body = (await (await fetch(`${app.url}/health/ready`)).json()) as Readiness;
    expect(body.dependencies.find(({ name }) => name === 'document-intelligence')).toMatchObject({ status: 'up' });
  });
});
